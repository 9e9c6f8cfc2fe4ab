#!/bin/bash
# hosts.t - training on several test hosts, over TCP: the bytes of one process, by each launcher
. "${0%/*}/../lib.sh"
. "$root/tests/hosts/launch.sh"
network_enter "$0"
trap 'rm -rf "$tmp"' EXIT
network_up 4 >"$tmp/up" 2>&1 || { fail "four test hosts start" "$(cat "$tmp/up")"; done_testing; }
pass "four test hosts start"
launch_prepare || { fail "synthetic images are made"; done_testing; }
small="model=micro embed_dim=24 heads=2 depth=2 decoder_depth=1 batch=16 micro_batch=3"
small="$small grad_shards=4 checkpoint_minutes=0 deterministic=on steps=6"
alone whole $small
alone coupled $small patch_contrast=simsiam recompute=on activation_memory=1

# over NAME RUN SETTING ...: the ranks and hosts in $list
over() {
	local name=$1 want=$2 ranks hosts; shift 2
	for hosts in $list; do
		ranks=${hosts%/*} hosts=${hosts#*/}
		rm -rf run; launch "$ranks" "$hosts" run $small "$@" 2>err
		[ "$(bytes run)" = "$(bytes "$want")" ] || sed 's/^/# /' err | head -5
		is "$name: $ranks ranks on $hosts hosts give the bytes and the log of one process" \
			"$(bytes run) $(curve run)" "$(bytes "$want") $(curve "$want")"
	done
}
if [ -x "$bin_mpi/tscae-train" ]; then
	list="1/1 2/1 2/2 4/1 4/2 4/4" over "Open MPI" whole
	list="2/2 4/4" over "Open MPI, coupled losses" coupled patch_contrast=simsiam recompute=on activation_memory=1
else skip "Open MPI: several hosts" "no $bin_mpi/tscae-train (make MPI=1)"; fi
if [ -x "$bin_mpich/tscae-train" ] && command -v mpiexec.mpich >/dev/null; then
	launcher=mpich list="1/1 2/2 4/2 4/4" over MPICH whole
else skip "MPICH: several hosts" "no $bin_mpich/tscae-train (make MPI=mpich B=build-mpich)"; fi

PATH=$PATH:/usr/sbin
if [ -x "$bin_mpi/tscae-train" ] && command -v munged >/dev/null && command -v slurmd >/dev/null; then
	. "$root/tests/slurm/cluster.sh"
	if cluster_up "$tmp/cluster" h0 h1 h2 h3 >"$tmp/up" 2>&1; then
		launcher=slurm list="1/1 2/2 4/2 4/4" over Slurm whole
		cluster_down "$tmp/cluster"
	else fail "Slurm: a cluster of four test hosts starts" "$(cat "$tmp/up")"; fi
else skip "Slurm: several hosts" "no Slurm (make check-hosts installs it)"; fi
done_testing
