/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Requests from scripts: keys, their grammar, packing. */
#include "kx_scan.h"
#include "reqspec.h"

/* what a block begins with; the texts follow in the order of the keys */
struct packed
{
	uint32_t len[UAX_REQ_TEXT_COUNT];
	int32_t number[UAX_REQ_NUMBER_COUNT];
};

struct key_row
{
	const char *name;
	enum uax_req_grammar grammar;
};

_Static_assert(UAX_REQ_KEY_COUNT <= 32, "uax_reqspec.refused has 32 bits");

static const struct key_row keys[UAX_REQ_KEY_COUNT] = {
#define ROW(id, key, rule) [UAX_REQ_##id] = {key, rule},
		UAX_REQ_TEXTS(ROW)
#undef ROW
#define ROW(id, key) [UAX_REQ_##id] = {key, UAX_REQ_ANY},
				UAX_REQ_NUMBERS(ROW)
#undef ROW
};

int uax_req_key_find(const str *name)
{
	int key;

	for(key = 0; key < UAX_REQ_KEY_COUNT; key++) {
		str known = {(char *)keys[key].name, 0};

		if(known.s == NULL)
			continue;
		known.len = (int)strlen(known.s);
		if(kx_str_eq(&known, name))
			return key;
	}
	if(name->len == 3 && memcmp(name->s, "all", 3) == 0)
		return UAX_REQ_ALL;
	return KX_E_NONE;
}

const char *uax_req_key_name(int key)
{
	if(key == UAX_REQ_ALL)
		return "all";
	if(key < 0 || key > UAX_REQ_ALL || keys[key].name == NULL)
		return "";
	return keys[key].name;
}

static int is_text_key(int key)
{
	return key >= 0 && key < UAX_REQ_TEXT_COUNT;
}

static int is_number_key(int key)
{
	return key >= UAX_REQ_TEXT_COUNT && key < UAX_REQ_KEY_COUNT;
}

/* ---- grammar ---- */

static int is_line(const str *s)
{
	int i;

	for(i = 0; i < s->len; i++) {
		if((unsigned char)s->s[i] < ' ' || s->s[i] == 0x7f)
			return 0;
	}
	return 1;
}

static int is_word(const str *s)
{
	return is_line(s) && kx_str_chr(s, ' ') == NULL;
}

static int is_token(const str *s)
{
	int i;

	for(i = 0; i < s->len; i++) {
		if(!kx_is_token_char(s->s[i]))
			return 0;
	}
	return 1;
}

/* What stands in the angle brackets at the end of a text; the text itself
 * when it has none. Fails for a '>' that nothing opens. */
static int strip_brackets(const str *s, str *uri)
{
	struct kx_cursor c;
	str before;

	*uri = *s;
	if(s->s[s->len - 1] != '>')
		return KX_OK;
	kx_cur_init(&c, s);
	kx_cur_until(&c, "<", &before);
	if(!kx_cur_char(&c, '<'))
		return KX_E_SYNTAX;
	*uri = kx_str_span(c.p, c.end - 1);
	return KX_OK;
}

str uax_req_target(const str *ruri)
{
	str uri = *ruri;

	if(!kx_str_is_empty(ruri))
		strip_brackets(ruri, &uri);
	return uri;
}

static int is_uri(const str *s)
{
	str uri;

	return is_line(s) && strip_brackets(s, &uri) == KX_OK && uri.len > 0
		   && is_word(&uri);
}

static int is_addr(const str *s)
{
	str uri;

	return is_line(s) && strip_brackets(s, &uri) == KX_OK && uri.len > 0;
}

/* Take one line, without its end. */
static int next_line(struct kx_cursor *c, str *line)
{
	const char *end;

	if(kx_cur_at_end(c))
		return KX_E_END;
	end = memchr(c->p, '\n', c->end - c->p);
	*line = kx_str_span(c->p, end != NULL ? end : c->end);
	c->p = end != NULL ? end + 1 : c->end;
	if(line->len > 0 && line->s[line->len - 1] == '\r')
		line->len--;
	return KX_OK;
}

/* Cut line ends at the end, an empty line at least is none. */
static str without_end(const str *lines)
{
	str s = *lines;

	while(s.len > 0 && (s.s[s.len - 1] == '\n' || s.s[s.len - 1] == '\r'))
		s.len--;
	return s;
}

/* Whether this can be a line among headers, as far as a script may have
 * written it: what it would do to the message, not yet what it says. */
static int is_harmless_line(const str *line)
{
	return line->len > 0 && kx_str_chr(line, '\r') == NULL
		   && kx_str_chr(line, '\0') == NULL;
}

static int is_headers(const str *s)
{
	str rest = without_end(s), line;
	struct kx_cursor c;

	/* nothing but line ends: no headers */
	if(rest.len == 0)
		return 1;
	kx_cur_init(&c, &rest);
	while(next_line(&c, &line) == KX_OK) {
		if(!is_harmless_line(&line))
			return 0;
	}
	return rest.s[0] != ' ' && rest.s[0] != '\t';
}

int uax_req_text_check(int key, const str *value)
{
	static int (*const rule[])(const str *) = {
			[UAX_REQ_LINE] = is_line,
			[UAX_REQ_WORD] = is_word,
			[UAX_REQ_TOKEN] = is_token,
			[UAX_REQ_URI] = is_uri,
			[UAX_REQ_ADDR] = is_addr,
			[UAX_REQ_HEADERS] = is_headers,
	};
	int (*check)(const str *);

	if(KX_NEVER(!is_text_key(key)))
		return KX_E_BUG;
	if(kx_str_is_empty(value))
		return KX_OK;
	if((unsigned)value->len > UAX_REQ_VALUE_MAX)
		return KX_E_TOO_LONG;
	check = rule[keys[key].grammar];
	return check == NULL || check(value) ? KX_OK : KX_E_SYNTAX;
}

int uax_req_headers(struct kx_buf *b, const str *lines)
{
	str rest = without_end(lines), line;
	struct kx_cursor c;
	int is_first = 1;

	kx_cur_init(&c, &rest);
	while(next_line(&c, &line) == KX_OK) {
		int is_fold = line.len > 0 && (line.s[0] == ' ' || line.s[0] == '\t');
		const char *colon = kx_str_chr(&line, ':');

		if(!is_harmless_line(&line) || (is_fold && is_first)
				|| (!is_fold && (colon == NULL || colon == line.s)))
			return KX_E_SYNTAX;
		kx_buf_str(b, &line);
		kx_buf_lit(b, "\r\n");
		is_first = 0;
	}
	return b->err;
}

/* ---- a request in the making ---- */

void uax_reqspec_init(struct uax_reqspec *spec, const struct kx_alloc *alloc)
{
	memset(spec, 0, sizeof(*spec));
	spec->alloc = alloc;
}

void uax_reqspec_borrow(struct uax_reqspec *spec, const struct uax_req *req,
		const struct kx_alloc *alloc)
{
	uax_reqspec_init(spec, alloc);
	spec->req = *req;
}

/* Free a text of ours. Its bytes go first: it may be a password, and memset()
 * before a free is what compilers leave out. */
static void drop_text(struct uax_reqspec *spec, int key)
{
	str *text = &spec->req.text[key];
	volatile char *p = text->s;
	int i;

	if(spec->is_owned[key]) {
		for(i = 0; i < text->len; i++)
			p[i] = '\0';
		spec->alloc->put(text->s);
	}
	spec->is_owned[key] = 0;
	text->s = NULL;
	text->len = 0;
}

static void unset_one(struct uax_reqspec *spec, int key)
{
	if(is_text_key(key))
		drop_text(spec, key);
	else if(is_number_key(key))
		uax_req_number(&spec->req, key) = 0;
	else
		return;
	spec->refused &= ~(1u << key);
}

void uax_reqspec_clear(struct uax_reqspec *spec)
{
	int key;

	for(key = 0; key < UAX_REQ_KEY_COUNT; key++)
		unset_one(spec, key);
}

void uax_reqspec_unset(struct uax_reqspec *spec, int key)
{
	if(key == UAX_REQ_ALL)
		uax_reqspec_clear(spec);
	else
		unset_one(spec, key);
}

void uax_reqspec_refuse(struct uax_reqspec *spec, int key)
{
	unset_one(spec, key);
	if(key >= 0 && key < UAX_REQ_KEY_COUNT)
		spec->refused |= 1u << key;
}

int uax_reqspec_set_text(struct uax_reqspec *spec, int key, const str *value)
{
	char *mem = NULL;
	int err, len;

	if(!is_text_key(key)) {
		uax_reqspec_refuse(spec, key);
		return KX_E_RANGE;
	}
	if(kx_str_is_empty(value)) {
		unset_one(spec, key);
		return KX_OK;
	}
	err = uax_req_text_check(key, value);
	if(err == KX_OK) {
		mem = spec->alloc->get(value->len);
		err = mem != NULL ? KX_OK : KX_E_NOMEM;
	}
	if(err != KX_OK) {
		uax_reqspec_refuse(spec, key);
		return err;
	}
	/* copied before the old value goes, which it may be */
	len = value->len;
	memcpy(mem, value->s, len);
	unset_one(spec, key);
	spec->req.text[key].s = mem;
	spec->req.text[key].len = len;
	spec->is_owned[key] = 1;
	return KX_OK;
}

int uax_reqspec_set_number(struct uax_reqspec *spec, int key, int64_t value)
{
	if(!is_number_key(key) || value < 0 || value > INT32_MAX) {
		uax_reqspec_refuse(spec, key);
		return KX_E_RANGE;
	}
	unset_one(spec, key);
	uax_req_number(&spec->req, key) = (int32_t)value;
	return KX_OK;
}

int uax_reqspec_refused(const struct uax_reqspec *spec)
{
	int key;

	for(key = 0; key < UAX_REQ_KEY_COUNT; key++) {
		if(spec->refused & (1u << key))
			return key;
	}
	return KX_E_NONE;
}

/* ---- one block ---- */

size_t uax_req_pack_len(const struct uax_req *req)
{
	size_t len = sizeof(struct packed);
	int i;

	for(i = 0; i < UAX_REQ_TEXT_COUNT; i++) {
		if(!kx_str_is_empty(&req->text[i]))
			len += req->text[i].len;
	}
	return len;
}

void uax_req_pack(const struct uax_req *req, void *mem)
{
	char *p = (char *)mem + sizeof(struct packed);
	struct packed head;
	int i;

	memset(&head, 0, sizeof(head));
	memcpy(head.number, req->number, sizeof(head.number));
	for(i = 0; i < UAX_REQ_TEXT_COUNT; i++) {
		if(kx_str_is_empty(&req->text[i]))
			continue;
		head.len[i] = req->text[i].len;
		memcpy(p, req->text[i].s, head.len[i]);
		p += head.len[i];
	}
	memcpy(mem, &head, sizeof(head));
}

int uax_req_unpack(const void *mem, size_t len, struct uax_req *out)
{
	const char *p = (const char *)mem + sizeof(struct packed);
	struct uax_req req;
	struct packed head;
	size_t left;
	int i;

	if(len < sizeof(head))
		return KX_E_SYNTAX;
	memcpy(&head, mem, sizeof(head));
	left = len - sizeof(head);
	memset(&req, 0, sizeof(req));
	memcpy(req.number, head.number, sizeof(req.number));
	for(i = 0; i < UAX_REQ_TEXT_COUNT; i++) {
		if(head.len[i] > left)
			return KX_E_SYNTAX;
		if(head.len[i] > 0)
			req.text[i] = kx_str_span(p, p + head.len[i]);
		p += head.len[i];
		left -= head.len[i];
	}
	if(left != 0)
		return KX_E_SYNTAX;
	*out = req;
	return KX_OK;
}
