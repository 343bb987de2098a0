/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Messages between the nodes of a cluster.
 *
 *   uacreg 1                              uacreg 1
 *   type: alive                           type: tell
 *   node: sip:192.0.2.1:5060              node: sip:192.0.2.1:5060
 *   boot: 1790000000000                   boot: 1790000000000
 *   seq: 17                               seq: 1
 *   weight: 100                           uuid: trunk%2001
 *   leaving: 0                            command: disable
 *   gone: 0                               mac: 32 hexadecimal digits
 *   settled: 1
 *   view: 16 hexadecimal digits
 *   heard: key/boot key/boot ...
 *   mac: 32 hexadecimal digits
 *
 * key and boot in heard are hexadecimal. The check value is all 128 bits of
 * SipHash(first 16 bytes of SHA-256(password), all before its line). */
#include "beat.h"
#include "kx_scan.h"

#define MAGIC "uacreg "
#define WRITTEN_AS "1"

enum
{
	/** "mac: ", digits, CRLF */
	MAC_LINE_LEN = 5 + 2 * UAX_SIPHASH_LEN + 2
};

static const char *const type_names[] = {
#define ENTRY(name, text) text,
		UAX_BEAT_TYPES(ENTRY)
#undef ENTRY
};

static const char *const fault_names[] = {
#define ENTRY(name, word, text) word,
		UAX_BEAT_FAULTS(ENTRY)
#undef ENTRY
};

static const char *const fault_texts[] = {
#define ENTRY(name, word, text) text,
		UAX_BEAT_FAULTS(ENTRY)
#undef ENTRY
};

/* What an operator tells an account; empty for what nobody tells. */
static const str commands[UAX_E_COUNT] = {[UAX_E_ENABLE] = {"enable", 6},
		[UAX_E_DISABLE] = {"disable", 7},
		[UAX_E_REGISTER] = {"register", 8},
		[UAX_E_UNREGISTER] = {"unregister", 10}};

/* The names of lines. */
#define FIELDS(X)         \
	X(TYPE, "type")       \
	X(NODE, "node")       \
	X(BOOT, "boot")       \
	X(SEQ, "seq")         \
	X(WEIGHT, "weight")   \
	X(LEAVING, "leaving") \
	X(GONE, "gone")       \
	X(SETTLED, "settled") \
	X(VIEW, "view")       \
	X(HEARD, "heard")     \
	X(UUID, "uuid")       \
	X(COMMAND, "command")

enum field
{
#define ENTRY(name, text) F_##name,
	FIELDS(ENTRY)
#undef ENTRY
			F_COUNT
};

static const str field_names[] = {
#define ENTRY(name, text) {text, sizeof(text) - 1},
		FIELDS(ENTRY)
#undef ENTRY
};

/* The values of a message; s is NULL where there is no such line. */
struct lines
{
	str value[F_COUNT];
};

static int is_node(const str *s)
{
	int i;

	if(s->len < 1 || s->len > UAX_BEAT_NODE_MAX)
		return 0;
	for(i = 0; i < s->len; i++) {
		if(s->s[i] <= ' ' || s->s[i] > '~')
			return 0;
	}
	return 1;
}

static int is_command(enum uax_event event)
{
	return event < UAX_E_COUNT && commands[event].len > 0;
}

static int is_boot(uint64_t boot)
{
	return boot >= 1 && boot <= INT64_MAX;
}

/* Whether whom a node hears is in range, each of them once. */
static int is_heard(const struct uax_heard *heard, int n)
{
	int i, j;

	if(n < 0 || n > UAX_NODES_MAX)
		return 0;
	for(i = 0; i < n; i++) {
		if(!is_boot(heard[i].boot))
			return 0;
		for(j = 0; j < i; j++) {
			if(heard[j].key == heard[i].key)
				return 0;
		}
	}
	return 1;
}

static int is_writable(const struct uax_beat *beat)
{
	if(!is_node(&beat->node) || !is_boot(beat->boot) || beat->seq == 0)
		return 0;
	if(beat->type == UAX_BEAT_ALIVE)
		return beat->weight <= UAX_WEIGHT_MAX
			   && is_heard(beat->heard, beat->n_heard);
	return beat->type == UAX_BEAT_TELL && beat->uuid.len >= 1
		   && beat->uuid.len <= UAX_BEAT_UUID_MAX && is_command(beat->command);
}

static void put_name(struct kx_buf *b, enum field field)
{
	kx_buf_str(b, &field_names[field]);
	kx_buf_lit(b, ": ");
}

static void put_text(struct kx_buf *b, enum field field, const str *value)
{
	put_name(b, field);
	kx_buf_str(b, value);
	kx_buf_lit(b, "\r\n");
}

static void put_number(struct kx_buf *b, enum field field, uint64_t value)
{
	put_name(b, field);
	kx_buf_u64(b, value);
	kx_buf_lit(b, "\r\n");
}

static void put_alive(struct kx_buf *b, const struct uax_beat *beat)
{
	int i;

	put_number(b, F_WEIGHT, beat->weight);
	put_number(b, F_LEAVING, beat->is_leaving != 0);
	put_number(b, F_GONE, beat->is_gone != 0);
	put_number(b, F_SETTLED, beat->is_settled != 0);
	put_name(b, F_VIEW);
	kx_buf_hex(b, beat->view, 16);
	kx_buf_lit(b, "\r\nheard:");
	for(i = 0; i < beat->n_heard; i++) {
		kx_buf_char(b, ' ');
		kx_buf_hex(b, beat->heard[i].key, 16);
		kx_buf_char(b, '/');
		kx_buf_hex(b, beat->heard[i].boot, 16);
	}
	kx_buf_lit(b, "\r\n");
}

static int is_plain(unsigned char c)
{
	return c > ' ' && c <= '~' && c != '%';
}

static void put_tell(struct kx_buf *b, const struct uax_beat *beat)
{
	int i;

	put_name(b, F_UUID);
	for(i = 0; i < beat->uuid.len; i++) {
		unsigned char c = beat->uuid.s[i];

		if(is_plain(c)) {
			kx_buf_char(b, (char)c);
		} else {
			kx_buf_char(b, '%');
			kx_buf_hex(b, c, 2);
		}
	}
	kx_buf_lit(b, "\r\n");
	put_text(b, F_COMMAND, &commands[beat->command]);
}

/* The line with the check value of a text; out has MAC_LINE_LEN + 1 bytes. */
static void make_mac_line(const struct uax_key *key, const str *text, char *out)
{
	unsigned char sum[UAX_SIPHASH_LEN];
	struct uax_siphash h;
	struct kx_buf b;
	int i;

	uax_siphash_init(&h, &key->check);
	uax_siphash_add(&h, text->s, text->len);
	uax_siphash_end(&h, sum);
	kx_buf_init(&b, out, MAC_LINE_LEN + 1);
	kx_buf_lit(&b, "mac: ");
	for(i = 0; i < UAX_SIPHASH_LEN; i++)
		kx_buf_hex(&b, sum[i], 2);
	kx_buf_lit(&b, "\r\n");
}

int uax_beat_write(struct kx_buf *b, const struct uax_beat *beat,
		const struct uax_key *key)
{
	char mac[MAC_LINE_LEN + 1];
	size_t from = b->len;
	str type, text;

	if(!is_writable(beat))
		return KX_E_RANGE;
	kx_buf_lit(b, MAGIC WRITTEN_AS "\r\n");
	type.s = (char *)type_names[beat->type];
	type.len = (int)strlen(type.s);
	put_text(b, F_TYPE, &type);
	put_text(b, F_NODE, &beat->node);
	put_number(b, F_BOOT, beat->boot);
	put_number(b, F_SEQ, beat->seq);
	if(beat->type == UAX_BEAT_ALIVE)
		put_alive(b, beat);
	else
		put_tell(b, beat);
	if(b->err == KX_OK && key->is_secret) {
		text = kx_str_span(b->s + from, b->s + b->len);
		make_mac_line(key, &text, mac);
		kx_buf_add(b, mac, MAC_LINE_LEN);
	}
	return b->err;
}

/* Take a line with its end; the view is without it. */
static int take_line(struct kx_cursor *c, str *line)
{
	const char *end;

	if(kx_cur_at_end(c))
		return KX_E_END;
	end = memchr(c->p, '\n', c->end - c->p);
	if(end == NULL)
		return KX_E_SYNTAX;
	*line = kx_str_span(c->p, end);
	if(line->len > 0 && line->s[line->len - 1] == '\r')
		line->len--;
	c->p = end + 1;
	return KX_OK;
}

static enum uax_beat_fault check_version(struct kx_cursor *c)
{
	str line;

	if(take_line(c, &line) != KX_OK || line.len <= (int)sizeof(MAGIC) - 1
			|| memcmp(line.s, MAGIC, sizeof(MAGIC) - 1) != 0)
		return UAX_BEAT_SYNTAX;
	line.s += sizeof(MAGIC) - 1;
	line.len -= sizeof(MAGIC) - 1;
	return kx_str_is(&line, WRITTEN_AS) ? UAX_BEAT_GOOD : UAX_BEAT_VERSION;
}

/* Cuts the check value off. */
static int check_mac(
		struct kx_cursor *c, const str *body, const struct uax_key *key)
{
	char want[MAC_LINE_LEN + 1];
	const char *got = body->s + body->len - MAC_LINE_LEN;
	unsigned char diff = 0;
	str text;
	int i;

	if(c->end - c->p < MAC_LINE_LEN)
		return 0;
	text = kx_str_span(body->s, got);
	make_mac_line(key, &text, want);
	for(i = 0; i < MAC_LINE_LEN; i++) /* no early end: no hint how far */
		diff |= want[i] ^ got[i];
	return diff == 0;
}

/* Line by line into values; KX_E_SYNTAX for a line without a name, and for a
 * known name twice. */
static int split(struct kx_cursor *c, struct lines *out)
{
	str line, name;
	int err, i;

	memset(out, 0, sizeof(*out));
	while((err = take_line(c, &line)) == KX_OK) {
		char *colon = kx_str_chr(&line, ':');

		if(colon == NULL || colon == line.s)
			return KX_E_SYNTAX;
		name = kx_str_span(line.s, colon);
		for(i = 0; i < F_COUNT && !kx_str_eq(&name, &field_names[i]); i++)
			;
		if(i == F_COUNT)
			continue;
		if(out->value[i].s != NULL)
			return KX_E_SYNTAX;
		out->value[i] = kx_str_span(colon + 1, line.s + line.len);
		kx_str_trim(&out->value[i]);
	}
	return err == KX_E_END ? KX_OK : err;
}

/* A number that has to be there. */
static int get_number(
		const str *value, uint64_t least, uint64_t most, uint64_t *out)
{
	if(value->s == NULL || kx_str_to_u64(value, out) != KX_OK)
		return KX_E_SYNTAX;
	return *out >= least && *out <= most ? KX_OK : KX_E_SYNTAX;
}

/* A flag; not there is 0. */
static int get_flag(const str *value, unsigned char *out)
{
	uint64_t n = 0;

	if(value->s != NULL && get_number(value, 0, 1, &n) != KX_OK)
		return KX_E_SYNTAX;
	*out = (unsigned char)n;
	return KX_OK;
}

static int get_heard(const str *value, struct uax_beat *out)
{
	str left = *value, pair;
	int n = 0;

	for(kx_str_trim(&left); left.len > 0; kx_str_trim(&left)) {
		char *slash = kx_str_chr(&left, '/'), *end = left.s;
		str key, boot;

		while(end < left.s + left.len && *end != ' ' && *end != '\t')
			end++;
		if(n == UAX_NODES_MAX || slash == NULL || slash > end)
			return KX_E_SYNTAX;
		pair = kx_str_span(left.s, end);
		key = kx_str_span(pair.s, slash);
		boot = kx_str_span(slash + 1, end);
		if(kx_str_to_hex64(&key, &out->heard[n].key) != KX_OK
				|| kx_str_to_hex64(&boot, &out->heard[n].boot) != KX_OK)
			return KX_E_SYNTAX;
		n++;
		left.s += pair.len;
		left.len -= pair.len;
	}
	out->n_heard = n;
	return is_heard(out->heard, n) ? KX_OK : KX_E_SYNTAX;
}

static int get_alive(const struct lines *in, struct uax_beat *out)
{
	uint64_t weight;

	if(get_number(&in->value[F_WEIGHT], 0, UAX_WEIGHT_MAX, &weight) != KX_OK
			|| get_flag(&in->value[F_LEAVING], &out->is_leaving) != KX_OK
			|| get_flag(&in->value[F_GONE], &out->is_gone) != KX_OK
			|| get_flag(&in->value[F_SETTLED], &out->is_settled) != KX_OK
			|| kx_str_to_hex64(&in->value[F_VIEW], &out->view) != KX_OK)
		return KX_E_SYNTAX;
	out->weight = (uint32_t)weight;
	return get_heard(&in->value[F_HEARD], out);
}

static int get_uuid(const str *value, char *mem, str *out)
{
	const char *p = value->s, *end = value->s + value->len;
	int n = 0;

	for(; p < end; n++) {
		int high, low;

		if(n == UAX_BEAT_UUID_MAX)
			return KX_E_SYNTAX;
		if(is_plain((unsigned char)*p)) {
			mem[n] = *p++;
			continue;
		}
		if(*p != '%' || end - p < 3)
			return KX_E_SYNTAX;
		high = kx_hex_value(p[1]);
		low = kx_hex_value(p[2]);
		if(high < 0 || low < 0)
			return KX_E_SYNTAX;
		mem[n] = (char)(high << 4 | low);
		p += 3;
	}
	out->s = mem;
	out->len = n;
	return n > 0 ? KX_OK : KX_E_SYNTAX;
}

static int get_tell(const struct lines *in, char *mem, struct uax_beat *out)
{
	enum uax_event event = 0;

	while(event < UAX_E_COUNT
			&& !(is_command(event)
					&& kx_str_eq(&in->value[F_COMMAND], &commands[event])))
		event++;
	if(event == UAX_E_COUNT)
		return KX_E_SYNTAX;
	out->command = event;
	return get_uuid(&in->value[F_UUID], mem, &out->uuid);
}

static int get_type(const str *value, enum uax_beat_type *out)
{
	int i;

	for(i = 0; i < UAX_BEAT_TYPE_COUNT; i++) {
		if(value->len == (int)strlen(type_names[i])
				&& memcmp(value->s, type_names[i], value->len) == 0) {
			*out = i;
			return KX_OK;
		}
	}
	return KX_E_SYNTAX;
}

enum uax_beat_fault uax_beat_read(const str *body, const struct uax_key *key,
		char *mem, struct uax_beat *out)
{
	enum uax_beat_fault fault;
	struct kx_cursor c;
	struct lines in;
	uint64_t seq;
	int err;

	if(kx_str_is_empty(body))
		return UAX_BEAT_SYNTAX;
	kx_cur_init(&c, body);
	fault = check_version(&c);
	if(fault != UAX_BEAT_GOOD)
		return fault;
	if(key->is_secret && !check_mac(&c, body, key))
		return UAX_BEAT_FORGED;
	memset(out, 0, sizeof(*out));
	if(split(&c, &in) != KX_OK || get_type(&in.value[F_TYPE], &out->type)
			|| !is_node(&in.value[F_NODE])
			|| get_number(&in.value[F_BOOT], 1, INT64_MAX, &out->boot)
			|| get_number(&in.value[F_SEQ], 1, UINT32_MAX, &seq))
		return UAX_BEAT_SYNTAX;
	out->node = in.value[F_NODE];
	out->seq = (uint32_t)seq;
	if(out->type == UAX_BEAT_ALIVE)
		err = get_alive(&in, out);
	else
		err = get_tell(&in, mem, out);
	return err == KX_OK ? UAX_BEAT_GOOD : UAX_BEAT_SYNTAX;
}

const char *uax_beat_type_name(enum uax_beat_type type)
{
	return type < UAX_BEAT_TYPE_COUNT ? type_names[type] : "invalid";
}

const char *uax_beat_fault_name(enum uax_beat_fault fault)
{
	return fault < UAX_BEAT_FAULT_COUNT ? fault_names[fault] : "invalid";
}

const char *uax_beat_fault_text(enum uax_beat_fault fault)
{
	return fault < UAX_BEAT_FAULT_COUNT ? fault_texts[fault] : "invalid";
}
