#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# vm: group=tool timeout=240 kernels=6.1 bin=jq mem=768
# dmikeyctl doctor on set-ups that are broken, one at a time: it names the
# fault and its cure, the cure mends it, and what cannot be seen is not "ok".
. "$(dirname "$0")/../lib/ktap.sh"
. "$(dirname "$0")/../lib/net.sh"

status=/run/dmikey/status.json
out=/tmp/doctor.json

# doctor NS: what it finds in a namespace, its exit status
doctor() { dmikeyctl -n "$1" -j doctor > $out; }

# says CHECK VERDICT TEXT	one of the findings is so, with the text in it
says()
{
	jq -e --arg check "$1" --arg verdict "$2" --arg text "$3" \
		'any(.[]; .check == $check and .verdict == $verdict and (.found | contains($text)))' \
		$out > /dev/null || { jq -c '.[]' $out; return 1; }
}

# finds NS CHECK TEXT	it is a fault, and the exit status says so
finds()
{
	if doctor "$1"; then
		echo "exit status 0"
		return 1
	fi
	says "$2" fault "$3"
}

# cure CHECK	the command that mends it
cure() { of_fault "$1" cure; }

of_fault()
{
	jq -r --arg check "$1" --arg name "$2" \
		'map(select(.check == $check and .verdict == "fault"))[0][$name] // ""' $out
}

# mends NS CHECK	the cure, run as it is printed, leaves no such fault
mends()
{
	command=$(cure "$2")
	[ -n "$command" ] || { echo "no cure"; return 1; }
	sh -c "$command" || { echo "failed: $command"; return 1; }
	healthy "$1" "$2"
}

# healthy NS CHECK	it is ok, and no finding of it is a fault
healthy()
{
	doctor "$1"
	jq -e --arg c "$2" 'map(select(.check == $c)) | any(.verdict == "ok") and
		all(.verdict != "fault")' $out > /dev/null || { jq -c '.[]' $out; return 1; }
}

well() { doctor "$1" || { jq -c '.[]' $out; return 1; }; }

# agent_says PID JSON	what the agent would write; nothing else of it is needed here
agent_says()
{
	mkdir -p /run/dmikey
	jq -n --argjson pid "$1" --argjson more "$2" '{version: 1, pid: $pid, module: true,
		configuration: "/etc/dmikey/dmikey.conf", registry: "none", refused: false,
		certificates: []} + $more' > $status
}

# own EXPIRES VALID WHY	a certificate of its own
own()
{
	jq -n --argjson expires "$1" --argjson valid "$2" --arg why "$3" '{certificates: [{
		kind: "own", role: "responder", name: "dmikey:r1.example", expires: $expires,
		valid: $valid, why: $why, revocation: "not checked"}]}'
}

helper=$(cat /proc/sys/kernel/modprobe)
autoload_off() { echo /bin/false > /proc/sys/kernel/modprobe; }
autoload_on() { echo "$helper" > /proc/sys/kernel/modprobe; }

# a kernel made to watch has its ciphers built in, and does not ask for signatures
loadable() { ! grep -q /chacha20poly1305.ko "/lib/modules/$(uname -r)/modules.builtin"; }
enforce=/sys/module/module/parameters/sig_enforce

plan=54
! loadable || plan=$((plan + 3))
[ ! -e $enforce ] || plan=$((plan + 1))
ktap_plan $plan
mkdir -p /etc/dmikey
chmod 700 /etc/dmikey
net_up 2 1
modprobe -a af_alg algif_aead algif_hash algif_skcipher
tp_up 1
tp_up 2
r_up 1
ktap_run "a responder that is well" well r1
ktap_run "a third party that is well" well gw1
ktap_run "the clock is a warning only" says clock warning "not synchronised"
ktap_run "nobody looked at the firewall, and it says so" says firewall "not checked" "firewall"

# the port
dmikeyctl -n gw1 instance set port 0
ip netns exec gw1 socat -u UDP-RECV:2269 OPEN:/dev/null &
socat=$!
ktap_wait 10 sh -c "ip netns exec gw1 ss -Huln | grep -q :2269"
ktap_run "another program has the port" finds gw1 port "socat (pid $socat) has UDP port 2269"
kill $socat
wait $socat
ktap_run "nothing listens" finds gw1 port "does not listen"
ktap_run "the cure listens" mends gw1 port

# links and routes
ip -n gw1 link add narrow type dummy
ip -n gw1 link set narrow mtu 1000 up
ktap_run "a link that is too narrow" finds gw1 mtu "narrow has an MTU of 1000"
ktap_run "the cure widens it" mends gw1 mtu
ip -n gw1 link del narrow
ip -n gw1 route del default via fd00:21::1
ktap_run "no way to the responder" finds gw1 route "no route to responder uri:dmikey:r1.example"
ip -n gw1 route add default via fd00:21::1
ktap_run "and back" healthy gw1 route

# policies
in_ns r1 ip xfrm policy flush
ktap_run "no policy: clear packets are accepted" \
	finds r1 policies "rule ward: clear packets are accepted: no inbound policy demands reqid 7"
ktap_run "what to do names the reqid" \
	sh -c "echo '$(of_fault policies advice)' | grep -q 'reqid 7\$'"
in_ns r1 ip xfrm policy add dir in src ::/0 dst "$(addr r1)" proto 17 dport 7777 \
	tmpl proto esp mode transport reqid 7 level use
ktap_run "an optional one is none" finds r1 policies "is optional"
in_ns r1 ip xfrm policy flush
r_policies r1
ktap_run "with its policies it is well" healthy r1 policies

# what the roles need
dmikeyctl -n r1 thirdparty del uri:dmikey:gw2.example
ktap_run "too few third parties" finds r1 rules "rule ward wants 2 third parties, 1 are known"
ktap_equal "the agent would know more" "$(cure rules)" "systemctl start dmikeyd"
dmikeyctl -n r1 thirdparty add certificate "$PKI/gw2.der"
ktap_run "with both it is well" healthy r1 rules
dmikeyctl -n gw2 responder del uri:dmikey:r1.example
ktap_run "a third party without responders" finds gw2 roles "knows no responder"
dmikeyctl -n r1 rule del ward
ktap_run "a responder without rules" finds r1 roles "without rules"

# other hosts
ktap_run "nobody to speak with" finds s1 roles "plays no role"
openssl rand -hex 32 > "$WORK/h2"
dmikeyctl -n s1 host add uri:dmikey:h2.example own uri:dmikey:h1.example address 192.0.2.9 \
	key "$(key_psk "$WORK/h2")" reqid 9
ktap_run "a host with a key needs no role" healthy s1 roles
ktap_run "it is not connected" says hosts ok "configured; nothing keeps it connected"
ktap_run "its clear packets are accepted" finds s1 policies "host uri:dmikey:h2.example: clear"
in_ns s1 ip xfrm policy add dir in src 192.0.2.9 dst 0.0.0.0/0 \
	tmpl proto esp mode transport reqid 9
ktap_run "with a policy it is well" healthy s1 policies
dmikeyctl -n s1 host add uri:dmikey:h3.example own uri:dmikey:h1.example address 192.0.2.10
ktap_run "one by certificates needs roles" \
	finds s1 hosts "there is no role thirdparty named uri:dmikey:h1.example"
dmikeyctl -n s1 host del uri:dmikey:h3.example
ktap_run "without it there is no fault" healthy s1 hosts

# algorithms
dmikeyctl -n r1 rule add ward realm example min-k 2 reqid 7 policies chacha20-poly1305-256
if loadable; then
	rmmod chacha20poly1305 2> /dev/null
	autoload_off
	ktap_run "an algorithm that cannot be made" \
		finds r1 algorithms "rfc7539esp(chacha20,poly1305): the kernel cannot make it"
	ktap_equal "its module is named" "$(cure algorithms)" "modprobe chacha20poly1305"
	ktap_run "which is the cure" mends r1 algorithms
	autoload_on
fi
dmikeyctl -n r1 rule add ward realm example min-k 2 reqid 7

# the agent
cp "$(command -v sleep)" /tmp/dmikeyd
/tmp/dmikeyd 600 &
agent=$!
agent_says $agent '{}'
ktap_run "the agent runs" healthy r1 agent
agent_says $agent '{"refused": true}'
ktap_run "its configuration is refused" finds r1 agent "/etc/dmikey/dmikey.conf is bad"
ktap_equal "the line is named by" "$(cure agent)" "dmikeyd --check -c /etc/dmikey/dmikey.conf"
agent_says 1 '{}'
ktap_run "another program with its number is not the agent" finds r1 agent "it has died (pid 1)"
ktap_equal "it has to be started" "$(cure agent)" "systemctl restart dmikeyd"

# certificates
now=$(date +%s)
agent_says $agent "$(own $((now - 5)) false expired)"
ktap_run "an own certificate has expired" \
	finds r1 certificates "own dmikey:r1.example has expired on"
agent_says $agent "$(own $((now + 90 * 86400)) false 'it was revoked')"
ktap_run "one is not valid, and why" finds r1 certificates "is not valid: it was revoked"
agent_says $agent "$(own $((now + 5 * 86400 + 3600)) true '')"
ktap_run "one expires" well r1
ktap_run "which is a warning" says certificates warning "expires in 5 days"
ktap_run "revocation was not checked" says revocation "not checked" "1 certificates"
kill $agent
rm $status

# keys
name=dmikey:private:$(dmikeyctl -n r1 -j local | jq -r '.[0].sha256')
doctor r1
ktap_run "a key in another's keyring" says keys "not checked" "not ours to see"
key=$(keyctl add user "$name" x @u)
ktap_run "a key that is there" healthy r1 keys
keyctl revoke "$key"
ktap_run "a key that was revoked" finds r1 keys "was revoked"
keyctl unlink "$key" @u

# files
chmod 755 /etc/dmikey
ktap_run "/etc/dmikey is open" finds r1 files "/etc/dmikey is open to others: mode 755"
ktap_run "the cure shuts it" mends r1 files
touch /etc/dmikey/r1.key
chmod 640 /etc/dmikey/r1.key
ktap_run "a key that others may read" finds r1 files "others may read /etc/dmikey/r1.key"
ktap_run "the cure shuts that" mends r1 files

# the clock
date -u -s "@$((now - 86400))" > /dev/null
ktap_run "the clock was set back" finds r1 replay "the clock was set back"
date -u -s "@$(($(date +%s) + 86400))" > /dev/null
ktap_run "set right again it is well" well r1

# and that of a third party and a sensor was ahead
dmikeyctl -n gw1 instance set skew 10
date -u -s "@$(($(date +%s) + 3600))" > /dev/null
in_ns s1 dmikey-sensor -c "$(sensor_conf 1 2 2)" --readings 1 --timeout 60 > "$WORK/out" 2>&1 ||
	diag < "$WORK/out"
date -u -s "@$(($(date +%s) - 3600))" > /dev/null
doctor gw1
ktap_run "what was accepted is from the future" says replay warning "is from the future: until"
dmikeyctl -n gw1 instance set skew 3600
sleep 2
doctor gw1
ktap_run "which is no matter within the skew" says replay ok "messages of now are taken"

# without privileges
in_ns r1 setpriv --reuid 65534 --regid 65534 --clear-groups dmikeyctl -j doctor > $out
ktap_equal "what others may not see is not checked" "$(jq -c 'map(select(.check == "roles" or
	.check == "rules" or .check == "hosts" or .check == "policies" or .check == "keys" or .check == "route") |
	.verdict) | unique' $out)" '["not checked"]'
ktap_run "what they may see is" says port ok "2269"

# the module
net_down
rmmod dmikey
dmikeyctl -j doctor > $out
ktap_run "the module is not loaded" says module fault "not loaded"
index=/lib/modules/$(uname -r)/modules.dep
grep -v dmikey "$index" > /tmp/modules.dep
mount --bind /tmp/modules.dep "$index"
dmikeyctl -j doctor > $out
ktap_run "it is not built for this kernel" says module fault \
	"there is no dmikey.ko for kernel $(uname -r)"
umount "$index"
if [ -e $enforce ]; then
	echo Y > /tmp/enforce
	mount --bind /tmp/enforce $enforce
	dmikeyctl -j doctor > $out
	ktap_run "Secure Boot would refuse it" says module fault \
		"Secure Boot: this kernel takes signed"
	umount $enforce
fi
dmikeyctl -j doctor > $out
command=$(cure module)
ktap_equal "the cure of a module that waits" "$command" "modprobe dmikey"
$command
dmikeyctl -j doctor > $out
ktap_run "it is loaded" says module ok "loaded, in kernel $(uname -r)"
ktap_end
