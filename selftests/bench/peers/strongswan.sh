# SPDX-License-Identifier: GPL-2.0
# strongSwan (charon-systemd, swanctl) at both ends; source it behind lib.sh.
#
#	strongswan_up r|i psk|rsa N [TABLE]	the daemon of that end, with N sensors'
#						keys; TABLE: slots of its table of
#						IKE_SAs (1, as Debian has it)
#	strongswan_down r|i			ends it and what it has left in the kernel
#	strongswan_rekey N			sensor N asks for new keys
#	strongswan_established r|i		how many IKE_SAs it has
#
# All plugins are loaded that Debian loads; charon takes X25519, AES-GCM, the PRF and
# RSA from OpenSSL's if it comes first. The log is off, MOBIKE is off (a sensor does
# not move), everything else is a default.

strongswan_conf()
{
	cat <<-EOT
	charon {
		load_modular = yes
		plugins {
			include /etc/strongswan.d/charon/*.conf
			vici {
				socket = unix:///run/charon-$1.vici
			}
		}
		ikesa_table_size = $2
		ikesa_table_segments = $(($2 < 16 ? $2 : 16))
	}
	charon-systemd {
		journal {
			default = -1
		}
	}
	swanctl {
		load = pem pkcs1 x509 pubkey openssl random
	}
	EOT
}

# strongswan_connection NAME LOCAL-ADDRESS REMOTE-ADDRESS AUTH LOCAL-ID REMOTE-ID CERT START
strongswan_connection()
{
	local auth=psk certs=

	[ "$4" = psk ] || auth=pubkey certs="certs = $7"
	cat <<-EOT
	$1 {
		version = 2
		mobike = no
		proposals = aes128gcm16-prfsha256-x25519
		local_addrs = $2
		remote_addrs = $3
		local {
			auth = $auth
			id = $5
			$certs
		}
		remote {
			auth = $auth
			id = $6
		}
		children {
			$1 {
				mode = transport
				esp_proposals = aes128gcm16
				start_action = $8
			}
		}
	}
	EOT
}

strongswan_connections()
{
	local n

	if [ "$1" = r ]; then
		strongswan_connection ward $R_ADDR %any "$2" r.example %any r.pem none
		return
	fi
	for n in $(seq "$3"); do
		strongswan_connection "s$n" "$(sensor_addr "$n")" $R_ADDR "$2" \
			"s$n.example" r.example "s$n.pem" trap
	done
}

strongswan_secrets()
{
	local n

	for n in $(seq "$1"); do
		printf 'ike-s%d {\nid = s%d.example\nsecret = 0x%s\n}\n' "$n" "$n" \
			"$(sensor_psk "$n")"
	done
}

strongswan_files()
{
	local n dir=$PEERS/etc/swanctl-$1 end=s

	[ "$1" = i ] || end=r
	rm -rf "$dir"
	mkdir -p "$dir"/{x509,x509ca,x509aa,x509ac,x509ocsp,x509crl,pubkey,private,rsa,ecdsa} \
		"$dir"/{bliss,pkcs8,pkcs12}
	strongswan_conf "$1" "${4:-1}" > "$PEERS/etc/strongswan-$1.conf"
	{
		echo 'connections {'
		strongswan_connections "$1" "$2" "$3"
		printf '}\nsecrets {\n'
		[ "$2" = rsa ] || strongswan_secrets "$3"
		echo '}'
	} > "$dir/swanctl.conf"
	[ "$2" = rsa ] || return 0
	if [ "$1" = r ]; then
		cp $PEERS/pki/r.pem "$dir/x509/"
	else
		for n in $(seq "$3"); do cp "$PEERS/pki/s$n.pem" "$dir/x509/"; done
	fi
	cp $PEERS/pki/ca.pem "$dir/x509ca/"
	cp $PEERS/pki/$end.key "$dir/rsa/"
}

swanctl()
{
	local end=$1 verb=$2

	shift 2
	SWANCTL_DIR=/etc/swanctl-$end STRONGSWAN_CONF=/etc/strongswan-$end.conf \
		in_peers /usr/sbin/swanctl "$verb" --uri "unix:///run/charon-$end.vici" "$@"
}

strongswan_up()
{
	strongswan_files "$@"
	STRONGSWAN_CONF=/etc/strongswan-$1.conf chroot $PEERS /usr/sbin/charon-systemd \
		> "/tmp/charon-$1.log" 2>&1 &
	echo $! > "/tmp/charon-$1.pid"
	peers_wait 20 [ -S "$PEERS/run/charon-$1.vici" ]
	swanctl "$1" --load-all > "/tmp/swanctl-$1.log" 2>&1 ||
		{ cat "/tmp/swanctl-$1.log"; die "strongSwan does not like its configuration"; }
}

strongswan_down()
{
	kill "$(cat "/tmp/charon-$1.pid")"
	wait
	rm -f "$PEERS/run/charon-$1.vici"
	ip xfrm state flush
	ip xfrm policy flush
}

strongswan_established()
{
	swanctl "$1" --stats | sed -n 's/^IKE_SAs: \([0-9]*\) total, \([0-9]*\) half-open.*/\1 \2/p' |
		awk '{ print $1 - $2 }'
}

strongswan_rekey() { swanctl i --rekey --child "s$1"; }
