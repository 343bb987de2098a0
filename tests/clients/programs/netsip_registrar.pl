#!/usr/bin/perl
# SPDX-License-Identifier: GPL-2.0-or-later
#
# A registrar made of Net::SIP, for one user of a domain, with a password.
#
#   netsip_registrar.pl USER PASSWORD DOMAIN CERT KEY udp|tcp|tls=PORT...
use strict;
use warnings;
use Net::SIP;

my ($user, $password, $domain, $cert, $key, @listen) = @ARGV;
my @legs = map {
	my ($proto, $port) = split /=/;
	{
		proto => $proto, host => '127.0.0.1', addr => '127.0.0.1',
		port => $port, family => 2,
	};
} @listen;
my $ua = Net::SIP::Simple->new(
	legs => \@legs,
	tls => {
		SSL_ca_file => $cert, SSL_cert_file => $cert, SSL_key_file => $key,
	},
);
$ua->create_chain([
	$ua->create_auth(realm => $domain, user2pass => {$user => $password}),
	$ua->create_registrar(domain => $domain, max_expires => 600),
]);
$| = 1;
print "ready\n";
$ua->loop;
