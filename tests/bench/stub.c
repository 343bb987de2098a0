/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A registrar that measures: challenges with one nonce, verifies, accepts, and
 * counts. Accounts are u0, u1, ... with passwords p0, p1, ...
 *
 *   stub EXPIRES   prints its port; a datagram "tell" or "reset" is answered
 *                  with the counts, "stop" ends it
 *
 * It keeps the contacts of each account. "live A:P A:P ..." names the servers
 * that live from now on; "who" is answered with how many accounts are
 * registered from none of them, from one, from more, for how many milliseconds
 * at most an account was registered from more than one (looked at every 100
 * ms), and how many are registered from each, alone.
 */
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

enum
{
	ACCOUNTS = 2000000,
	SECONDS = 4000,
	SIZE = 8192,
	CONTACTS = 4,
	SERVERS = 16,
	SAMPLE_MS = 100
};

/* A contact: the address and port in it; 0: none. */
typedef unsigned long long contact_t;

static contact_t bound[ACCOUNTS][CONTACTS];
static long long double_since[ACCOUNTS];
static contact_t live[SERVERS];
static int n_live, top;
static long long longest_ms, sampled_ms;

static unsigned char count[ACCOUNTS], online[ACCOUNTS];
static int per_second[SECONDS];
static long total, accounts, registered, wrong;

/* A piece of the message. */
struct part
{
	const char *s;
	int len;
};

/* The whole line of a header, without its line end. */
static struct part line(const char *msg, const char *name)
{
	struct part p = {"", 0};
	const char *at = strstr(msg, name);

	if(at != NULL) {
		p.s = at + 2;
		p.len = (int)(strstr(p.s, "\r\n") - p.s);
	}
	return p;
}

static struct part field(struct part in, const char *name, char end)
{
	struct part p = {"", 0};
	const char *at = memmem(in.s, in.len, name, strlen(name));
	const char *stop;

	if(at == NULL)
		return p;
	p.s = at + strlen(name);
	for(stop = p.s; stop < in.s + in.len && *stop != end; stop++)
		;
	p.len = (int)(stop - p.s);
	return p;
}

static void md5(char *hex, const char *text)
{
	unsigned char sum[16];
	int i;

	EVP_Digest(text, strlen(text), sum, NULL, EVP_md5(), NULL);
	for(i = 0; i < 16; i++)
		snprintf(hex + 2 * i, 3, "%02x", sum[i]);
}

static int is_right(struct part auth, int account)
{
	struct part uri = field(auth, "uri=\"", '"'), nc = field(auth, "nc=", ','),
				cnonce = field(auth, "cnonce=\"", '"'),
				response = field(auth, "response=\"", '"');
	char ha1[33], ha2[33], want[33], text[1024];

	snprintf(text, sizeof(text), "u%d:far.example:p%d", account, account);
	md5(ha1, text);
	snprintf(text, sizeof(text), "REGISTER:%.*s", uri.len, uri.s);
	md5(ha2, text);
	snprintf(text, sizeof(text), "%s:bench:%.*s:%.*s:auth:%s", ha1, nc.len,
			nc.s, cnonce.len, cnonce.s, ha2);
	md5(want, text);
	return response.len == 32 && memcmp(want, response.s, 32) == 0;
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* "127.0.1.11:5060..." */
static contact_t contact_of(const char *text)
{
	unsigned int a, b, c, d, port;

	if(sscanf(text, "%u.%u.%u.%u:%u", &a, &b, &c, &d, &port) != 5)
		return 0;
	return (contact_t)(a << 24 | b << 16 | c << 8 | d) << 16 | port;
}

static void bind_one(int account, contact_t contact, int is_removal)
{
	contact_t *c = bound[account];
	int i, empty = -1;

	for(i = 0; i < CONTACTS; i++) {
		if(c[i] == contact) {
			c[i] = is_removal ? 0 : contact;
			return;
		}
		if(c[i] == 0)
			empty = i;
	}
	if(!is_removal && empty >= 0)
		c[empty] = contact;
}

/* All Contact headers of a REGISTER that is accepted. */
static void bind_all(int account, const char *msg)
{
	int is_off = strstr(msg, "\r\nExpires: 0\r\n") != NULL;
	const char *at = msg, *end, *host;

	if(account >= top)
		top = account + 1;
	while((at = strstr(at, "\r\nContact:")) != NULL) {
		end = strstr(at + 2, "\r\n");
		host = memchr(at, '@', end - at);
		if(host != NULL)
			bind_one(account, contact_of(host + 1),
					is_off || memmem(at, end - at, ";expires=0", 10) != NULL);
		at = end;
	}
}

/* How many live servers an account is registered from; the last one of them. */
static int servers_of(int account, int *which)
{
	int i, k, n = 0;

	for(i = 0; i < CONTACTS; i++)
		for(k = 0; k < n_live && bound[account][i] != 0; k++)
			if(bound[account][i] == live[k]) {
				n++;
				*which = k;
			}
	return n;
}

static void sample(void)
{
	long long now = now_ms();
	int i, which;

	if(now - sampled_ms < SAMPLE_MS)
		return;
	sampled_ms = now;
	for(i = 0; i < top; i++) {
		if(servers_of(i, &which) < 2)
			double_since[i] = 0;
		else if(double_since[i] == 0)
			double_since[i] = now;
		else if(now - double_since[i] > longest_ms)
			longest_ms = now - double_since[i];
	}
}

static void set_live(const char *text)
{
	n_live = 0;
	while(n_live < SERVERS && (text = strchr(text, ' ')) != NULL)
		live[n_live++] = contact_of(++text);
}

static int who(char *out)
{
	int i, k, n, which = 0, found[3] = {0, 0, 0}, by[SERVERS] = {0};

	for(i = 0; i < top; i++) {
		k = servers_of(i, &which);
		found[k > 1 ? 2 : k]++;
		if(k == 1)
			by[which]++;
	}
	n = snprintf(out, SIZE, "%d %d %d %lld", found[0], found[1], found[2],
			longest_ms);
	for(k = 0; k < n_live; k++)
		n += snprintf(out + n, SIZE - n, " %d", by[k]);
	return n;
}

static int answer(const char *msg, char *out, int expires, int second)
{
	struct part via = line(msg, "\r\nVia:"), from = line(msg, "\r\nFrom:"),
				to = line(msg, "\r\nTo:"), id = line(msg, "\r\nCall-ID:"),
				cseq = line(msg, "\r\nCSeq:"),
				contact = line(msg, "\r\nContact:"),
				auth = line(msg, "\r\nAuthorization:"),
				user = field(to, "sip:u", '@');
	int account = (int)strtol(user.s, NULL, 10), ok = 0;

	if(user.len == 0 || account < 0 || account >= ACCOUNTS)
		return 0;
	total++;
	accounts += count[account] == 0;
	if(count[account] < 255)
		count[account]++;
	if(second < SECONDS)
		per_second[second]++;
	if(auth.len > 0) {
		ok = is_right(auth, account);
		wrong += !ok;
	}
	if(ok)
		bind_all(account, msg);
	if(ok && !online[account]) {
		online[account] = 1;
		registered++;
	}
	return snprintf(out, SIZE,
			"SIP/2.0 %s\r\n%.*s\r\n%.*s\r\n%.*s;tag=s\r\n%.*s\r\n%.*s\r\n"
			"%.*s%s%.0d%s\r\nContent-Length: 0\r\n\r\n",
			ok ? "200 OK" : "401 Unauthorized", via.len, via.s, from.len,
			from.s, to.len, to.s, id.len, id.s, cseq.len, cseq.s,
			ok ? contact.len : 0, contact.s, ok ? ";expires=" : "",
			ok ? expires : 0,
			ok ? ""
			   : "WWW-Authenticate: Digest realm=\"far.example\", "
				 "nonce=\"bench\", qop=\"auth\"");
}

static int tell(char *out)
{
	int i, n, last = 0;

	for(i = 0; i < SECONDS; i++)
		if(per_second[i] > 0)
			last = i;
	n = snprintf(
			out, SIZE, "%ld %ld %ld %ld", total, accounts, registered, wrong);
	for(i = 0; i <= last && n < SIZE - 16; i++)
		n += snprintf(out + n, SIZE - n, " %d", per_second[i]);
	return n;
}

int main(int argc, char **argv)
{
	struct sockaddr_in addr = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0), buffer = 8 << 20, n;
	int expires = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 3600;
	socklen_t len = sizeof(addr);
	static char msg[SIZE], out[SIZE];
	time_t began = time(NULL);
	struct timeval wait = {0, SAMPLE_MS * 1000 / 2};

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if(bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return 1;
	getsockname(fd, (struct sockaddr *)&addr, &len);
	printf("%d\n", ntohs(addr.sin_port));
	fflush(stdout);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	for(;;) {
		sample();
		len = sizeof(addr);
		n = (int)recvfrom(fd, msg, SIZE - 1, 0, (struct sockaddr *)&addr, &len);
		if(n <= 0)
			continue;
		msg[n] = '\0';
		if(strncmp(msg, "REGISTER ", 9) == 0) {
			n = answer(msg, out, expires, (int)(time(NULL) - began));
		} else if(strcmp(msg, "who") == 0) {
			n = who(out);
		} else if(strncmp(msg, "live", 4) == 0) {
			set_live(msg);
			n = who(out);
		} else {
			n = tell(out);
			if(strcmp(msg, "reset") == 0) {
				memset(count, 0, sizeof(count));
				memset(per_second, 0, sizeof(per_second));
				total = accounts = wrong = 0;
			}
		}
		if(n > 0)
			sendto(fd, out, n, 0, (struct sockaddr *)&addr, len);
		if(strcmp(msg, "stop") == 0)
			return 0;
	}
}
