#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A phone made of Net::SIP: registers, answers calls, unregisters at SIGTERM.
#
#   netsip_phone.pl USER PASSWORD DOMAIN udp|tcp|tls PROXY-PORT PORT CERT KEY
use strict;
use warnings;
use Net::SIP;

my ($user, $password, $domain, $proto, $proxy_port, $port, $cert, $key) = @ARGV;
my $transport = $proto eq 'tcp' ? ';transport=tcp' : '';
my $scheme = $proto eq 'tls' ? 'sips' : 'sip';
my $proxy = "$scheme:127.0.0.1:$proxy_port$transport";
my $ended;
$SIG{TERM} = sub { $ended = 1 };
$| = 1;

my $ua = Net::SIP::Simple->new(
	leg => {
		proto => $proto, host => '127.0.0.1', addr => '127.0.0.1',
		port => $port, family => 2,
	},
	tls => {
		SSL_ca_file => $cert, SSL_cert_file => $cert, SSL_key_file => $key,
	},
	outgoing_proxy => $proxy,
	from => "sip:$user\@$domain",
	contact => "<$scheme:$user\@127.0.0.1:$port$transport>",
	auth => [$user, $password],
);
if(!$ua->register(registrar => "sip:$domain", expires => 600)) {
	print "refused: ", $ua->error // '', "\n";
	exit 1;
}
print "registered\n";
$ua->listen(init_media => $ua->rtp('recv_echo'));
$ua->loop(1, \$ended) until $ended;
$ua->register(registrar => "sip:$domain", expires => 0);
