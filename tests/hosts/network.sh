# network.sh - test hosts: network namespaces with a host name and an address each, behind one bridge
#
# network_enter "$0" "$@"   restart this script in namespaces of its own (network, mounts, processes): whatever it
#                           starts or creates there ends with it; root only, else the script is skipped
# network_up COUNT          hosts h0, h1 ... at 10.77.0.1, 10.77.0.2 ...; the script itself is at 10.77.0.254
# on HOST COMMAND ...       run a command on a host
# link HOST up|down         set its link up or down
# shape HOST RATE           limit its bandwidth in both directions: 100mbit, 1gbit; none: no limit
# lose HOST PERCENT         drop this percentage of the packets that it receives; 0: none
# pids HOST                 processes of the host, without the one that keeps its namespaces
# die HOST                  power off: set the link down, then kill its processes
# Launchers use agent.sh in place of ssh.

network_enter() {
	[ -z "${NETWORK_INSIDE-}" ] || { ip link set lo up; return; }
	local why=
	for why in ip unshare nsenter; do
		command -v $why >/dev/null || skip_all "no $why (make check-hosts installs it)"
	done
	unshare --net --uts --mount --pid --fork ip link add switch type bridge 2>/dev/null ||
		skip_all "test hosts need root and network namespaces"
	rm -rf "$tmp"
	NETWORK_INSIDE=1 exec unshare --net --mount --pid --fork --kill-child --mount-proc bash "$@"
}

network_up() {
	local i pid
	export NETWORK=$tmp/network
	mkdir -p "$NETWORK"
	echo 127.0.0.1 localhost >"$NETWORK/hosts"
	ip link add switch type bridge && ip link set switch up && ip address add 10.77.0.254/24 dev switch || return
	for i in $(seq 0 $(($1 - 1))); do
		unshare --net --uts sh -c 'hostname "$1"; ip link set lo up; exec sleep infinity' init "h$i" &
		pid=$!
		until [ "$(nsenter --target $pid --uts hostname 2>/dev/null)" = "h$i" ]; do sleep 0.02; done
		disown $pid
		echo $pid >"$NETWORK/h$i"
		ip link add "cable$i" type veth peer name eth0 netns $pid &&
			ip link set "cable$i" master switch up &&
			on "h$i" ip address add "10.77.0.$((i + 1))/24" dev eth0 && on "h$i" ip link set eth0 up ||
			return
		echo "10.77.0.$((i + 1)) h$i" >>"$NETWORK/hosts"
	done
	mount --bind "$NETWORK/hosts" /etc/hosts
}

on() { nsenter --target "$(cat "$NETWORK/$1")" --net --uts -- "${@:2}"; }
link() { ip link set "cable${1#h}" "$2"; }
shape() {
	local run device
	for device in "cable${1#h}" eth0; do
		run=; [ $device = eth0 ] && run="on $1"
		$run tc qdisc del dev $device root 2>/dev/null
		[ "$2" = none ] || $run tc qdisc add dev $device root tbf rate "$2" burst 256kb latency 100ms || return
	done
}
lose() {
	on "$1" nft flush ruleset
	[ "$2" = 0 ] || on "$1" nft -f - <<-END
		table ip loss {
			chain in {
				type filter hook input priority 0
				iif eth0 numgen random mod 1000 < $(awk -v p="$2" 'BEGIN { print 10 * p }') drop
			}
		}
	END
}
pids() {
	local keeper net p
	keeper=$(cat "$NETWORK/$1") net=$(readlink "/proc/$keeper/ns/net")
	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/ns/net")" = "$net" ] && [ "${p#/proc/}" != "$keeper" ] && echo "${p#/proc/}"
	done 2>/dev/null
}
die() { link "$1" down; kill -9 $(pids "$1") 2>/dev/null; }
