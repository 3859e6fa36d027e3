# SPDX-License-Identifier: GPL-2.0
# libreswan (pluto) at both ends; source it behind lib.sh.
#
#	libreswan_up r|i psk|rsa N	the daemon of that end, with N sensors' keys
#	libreswan_established r|i	how many IKE_SAs it has
#	libreswan_down r|i
#	libreswan_rekey N		sensor N asks for new keys
#
# With pre-shared keys r has one connection a sensor, with certificates one for all.
# Three defaults are changed in its favour: nothing is logged, no updown script is run
# for each connection, and new keys come without another X25519, as strongSwan has it
# by default (and dmikey). i repeats nothing for ten seconds, for r is slow here.

libreswan_defaults()
{
	cat <<-EOT
	config setup
	        logfile=/dev/null
	        virtual-private=
	conn %default
	        ikev2=insist
	        type=transport
	        ike=aes_gcm128-sha2_256-dh31
	        esp=aes_gcm128
	        leftupdown=%disabled
	        retransmit-interval=10000
	        pfs=no
	EOT
}

# libreswan_connection NAME LEFT ID RIGHT ID AUTO AUTHBY
libreswan_connection()
{
	cat <<-EOT
	conn $1
	        left=$2
	        leftid=$3
	        right=$4
	        rightid=$5
	        auto=$6
	        authby=$7
	EOT
	[ "$7" = secret ] || printf '        leftcert=%s\n        rightca=%%same\n' "${3#@}"
}

libreswan_connections()
{
	local n auth=secret

	[ "$2" = psk ] || auth=rsasig
	if [ "$1$2" = rrsa ]; then
		libreswan_connection ward $R_ADDR @r.example %any %fromcert add $auth
		return
	fi
	for n in $(seq "$3"); do
		if [ "$1" = r ]; then
			libreswan_connection "s$n" $R_ADDR @r.example \
				"$(sensor_addr "$n")" "@s$n.example" add $auth
		else
			libreswan_connection "s$n" "$(sensor_addr "$n")" "@s$n.example" \
				$R_ADDR @r.example ondemand $auth
		fi
	done
}

libreswan_secrets()
{
	local n

	for n in $(seq "$1"); do
		echo "@r.example @s$n.example : PSK 0x$(sensor_psk "$n")"
	done
}

whack()
{
	local end=$1

	shift
	in_peers /usr/libexec/ipsec/whack --rundir "/run/pluto-$end" "$@"
}

libreswan_up()
{
	local socket=/run/pluto-$1/pluto.ctl

	rm -rf "$PEERS/run/pluto-$1" "$PEERS/etc/nss-$1"
	mkdir -p "$PEERS/run/pluto-$1" "$PEERS/etc/ipsec.d"
	cp -r "$PEERS/pki/nss-$1" "$PEERS/etc/nss-$1"
	(libreswan_defaults; libreswan_connections "$@") > "$PEERS/etc/ipsec-$1.conf"
	: > "$PEERS/etc/ipsec-$1.secrets"
	[ "$2" = rsa ] || libreswan_secrets "$3" > "$PEERS/etc/ipsec-$1.secrets"
	chroot $PEERS /usr/libexec/ipsec/pluto --nofork --config "/etc/ipsec-$1.conf" \
		--rundir "/run/pluto-$1" --secretsfile "/etc/ipsec-$1.secrets" \
		--nssdir "/etc/nss-$1" --no-dnssec > "/tmp/pluto-$1.log" 2>&1 &
	echo $! > "/tmp/pluto-$1.pid"
	peers_wait 20 [ -S "$PEERS$socket" ]
	whack "$1" --listen > "/tmp/whack-$1.log" 2>&1
	in_peers /usr/libexec/ipsec/addconn --ctlsocket "$socket" \
		--config "/etc/ipsec-$1.conf" --autoall > "/tmp/addconn-$1.log" 2>&1 ||
		{ cat "/tmp/addconn-$1.log"; die "libreswan does not like its configuration"; }
}

libreswan_down()
{
	whack "$1" --shutdown > /dev/null
	wait
	ip xfrm state flush
	ip xfrm policy flush
}

libreswan_established()
{
	whack "$1" --globalstatus |
		sed -n 's/^current.states.enumerate.STATE_V2_ESTABLISHED_IKE_SA=//p'
}

libreswan_rekey() { whack i --name "s$1" --rekey-ipsec; }
