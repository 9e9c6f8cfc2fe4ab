#!/bin/bash
# faults.t - faults of hosts and of their network during training: each run ends in a stated time or gives the bytes of
# a run without faults; the checkpoint stays complete; the same command resumes to the same bytes
. "${0%/*}/../lib.sh"
. "$root/tests/hosts/launch.sh"
network_enter "$0"
trap 'rm -rf "$tmp"' EXIT
[ -x "$bin_mpi/tscae-train" ] || skip_all "no $bin_mpi/tscae-train (make MPI=1)"
network_up 2 >"$tmp/up" 2>&1 || { fail "two test hosts start" "$(cat "$tmp/up")"; done_testing; }
launch_prepare || { fail "synthetic images are made"; done_testing; }
slow="model=micro depth=6 decoder_depth=2 batch=16 micro_batch=3 grad_shards=4 deterministic=on bucket_size=200K"
slow="$slow checkpoint_minutes=0 steps=21 checkpoint_steps=1 comm_timeout=8"
alone whole $slow
# the launcher's own connections notice a dead link; see formats/scale.md, Faults
export OMPI_MCA_oob_tcp_keepalive_time=5 OMPI_MCA_oob_tcp_keepalive_intvl=2 OMPI_MCA_oob_tcp_keepalive_probes=3
for host in h0 h1; do on $host sysctl -q net.ipv4.tcp_retries2=5; done

seconds() { date +%s; }
# trainers HOST: print the processes of the trainers on it
trainers() { local p; for p in $(pids "$1"); do
	case $(tr '\0' ' ' <"/proc/$p/cmdline") in *"/tscae-train -q"*) echo "$p" ;; esac
done 2>/dev/null; }
# begin RANKS HOSTS [SETTING ...]: train in the background until there is a checkpoint of step 4; sets pid
begin() {
	rm -rf run
	LIMIT=120 launch "$1" "$2" run $slow "${@:3}" >out 2>err & pid=$!
	while [ ! -e run/checkpoint-00000004 ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done
	begun=$(seconds)
}
# finish: wait for the end; sets code and took
finish() { wait $pid; code=$? took=$(($(seconds) - begun)); }
heal() { for host in h0 h1; do link $host up; lose $host 0; kill -9 $(pids $host) 2>/dev/null; done; sleep 1; }
# ends NAME LIMIT [PATTERN]: the run ends with an error within LIMIT seconds on every remaining host, and it
# resumes
ends() {
	ok "$1: the run ends with an error ($code) within $2 s ($took)" test "$code" -ne 0 -a "$code" -ne 124 -a \
		"$took" -le "$2"
	while [ -n "$(trainers h0)$(trainers h1)" ] && [ $(($(seconds) - begun)) -le "$2" ]; do sleep 0.1; done
	is "$1: no trainer runs on any host within $2 s ($(($(seconds) - begun)))" "$(trainers h0)$(trainers h1)" ""
	[ $# = 2 ] || like "$1: the message" "$(cat out err)" "$3"	# the launcher died with its host
	heal
	ok "$1: the last checkpoint is complete" tscae-train --resume-index run
	launch 2 2 run $slow 2>err
	is "$1: the resumed run gives the bytes of a run without faults" "$? $(bytes run)" "0 $(bytes whole)"
}
# survives NAME LIMIT
survives() {
	is "$1: exit 0 and the bytes of a run without faults" "$code $(bytes run)" "0 $(bytes whole)"
	[ "$code" = 0 ] || sed 's/^/# /' err | head -5
	ok "$1: it ends within $2 s ($took)" test "$took" -le "$2"
	heal
}

begin 2 2; finish; survives "no fault" 60

begin 2 2; link h1 down; sleep 5; link h1 up; finish
survives "link cut for 5 s" 60

begin 2 2; link h1 down; finish
ends "link cut for good" 40 "*waits for *h*comm_timeout*the last checkpoint is intact*"

begin 2 2; die h1; finish
ends "a host that dies, without rank 0" 40 "*ORTE*daemon*"
begin 2 2; die h0; finish
ends "the host of rank 0 dies" 40

begin 2 2 comm_timeout=60
victims=$(trainers h1)
(while kill -STOP $victims 2>/dev/null; do sleep 0.18; kill -CONT $victims; sleep 0.02; done) 2>/dev/null & duty=$!
finish; wait $duty
ok "a host ten times slower: its trainer is stopped for nine tenths of the time" test -n "$victims"
survives "a host ten times slower" 110

if command -v nft >/dev/null; then
	for host in h0 h1; do lose $host 1; done
	begin 2 2; finish
	survives "1 % packet loss" 60
else skip "1 % packet loss" "no nft (package nftables)"; fi

# The checkpoints are on a file system that all hosts share and that only rank 0 writes.
mkdir small && mount -t tmpfs -o size=64m none small
rm -rf run small/run
ln -s small/run run
fill() { dd if=/dev/zero of=small/full bs=1M 2>/dev/null; true; }
begin_on_small() { mkdir -p small/run; LIMIT=120 launch 2 2 run $slow >out 2>err & pid=$!
	while [ ! -e run/checkpoint-00000004 ] && kill -0 $pid 2>/dev/null; do sleep 0.02; done
	begun=$(seconds); }
begin_on_small; fill; finish; rm -f small/full
ends "a full disk on the host that writes checkpoints" 40 "*No space left on device*"
umount small; rm -rf run

if command -v faketime >/dev/null; then
	cat >clock.sh <<-'END'
		#!/bin/bash
		case $(hostname) in h1) exec faketime -f "-400d x1.01" "$@" ;; esac
		exec "$@"
	END
	export PER_RANK="bash clock.sh"
	begin 2 2; finish; survives "clocks 400 days apart, one of them 1 % faster" 60
	unset PER_RANK
else skip "clocks apart" "no faketime"; fi

# different kernels on one host are refused; TSCAE_ISA selects the same kernels on all hosts
cat >isa.sh <<-'END'
	#!/bin/bash
	case $(hostname) in h1) export TSCAE_ISA=$ISA_OF_H1 ;; *) export TSCAE_ISA=baseline ;; esac
	exec "$@"
END
export PER_RANK="bash isa.sh" ISA_OF_H1=avx2
if grep -qw avx2 /proc/cpuinfo; then
	begin 2 2; finish
	is "kernels that differ by host: exit 2" "$code" 2
	like "kernels that differ by host: the message" "$(cat err)" \
		"*kernels: rank 0 has baseline, *rank 1 has avx2, *set TSCAE_ISA and OPENBLAS_CORETYPE*"
	ok "kernels that differ by host: it ends within 20 s ($took)" test "$took" -le 20
	is "kernels that differ by host: nothing is written" "$(ls run 2>/dev/null)" ""
	export ISA_OF_H1=baseline
	begin 2 2; finish
	PER_RANK= TSCAE_ISA=baseline alone base $slow
	is "the same TSCAE_ISA on all hosts: the bytes of one process with it" "$code $(bytes run)" "0 $(bytes base)"
else skip "kernels that differ by host" "a processor without AVX2"; fi
done_testing
