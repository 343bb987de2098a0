/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A registrar that measures: challenges with one nonce, verifies, accepts, and
 * counts. Accounts are u0, u1, ... with passwords p0, p1, ...
 *
 *   stub EXPIRES   prints its port; a datagram "tell" or "reset" is answered
 *                  with the counts, "stop" ends it
 */
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum
{
	ACCOUNTS = 2000000,
	SECONDS = 4000,
	SIZE = 8192
};

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

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
	if(bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return 1;
	getsockname(fd, (struct sockaddr *)&addr, &len);
	printf("%d\n", ntohs(addr.sin_port));
	fflush(stdout);
	for(;;) {
		len = sizeof(addr);
		n = (int)recvfrom(fd, msg, SIZE - 1, 0, (struct sockaddr *)&addr, &len);
		if(n <= 0)
			continue;
		msg[n] = '\0';
		if(strncmp(msg, "REGISTER ", 9) == 0) {
			n = answer(msg, out, expires, (int)(time(NULL) - began));
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
