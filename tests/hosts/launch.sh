# launch.sh - for the tests of several hosts, after network.sh: images, models, the launchers, and the result of a run
#
# launch RANKS HOSTS RUN SETTING ...    train with that many ranks on the first hosts, by $launcher: openmpi (the
#                                       default), mpich or slurm; PER_RANK is a command in front of the trainer
# alone RUN SETTING ...                 the same run by one process without MPI
. "${BASH_SOURCE%/*}/network.sh"
export bin_mpi=${BIN_MPI:-$root/build-mpi/bin} bin_mpich=${BIN_MPICH:-$root/build-mpich/bin}
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 \
	OMPI_MCA_plm_rsh_agent=$root/tests/hosts/agent.sh OMPI_MCA_btl=self,vader,tcp \
	OMPI_MCA_btl_tcp_if_include=eth0 OMPI_MCA_oob_tcp_if_include=eth0 OMPI_MCA_hwloc_base_binding_policy=none
launcher=openmpi

launch_prepare() {
	cd "$tmp" || exit 1
	export TMPDIR=$tmp	# of the launchers' files
	tscae-synth -q --layout folders --count 120 --size 24x24 --output all --val-ratio 0 || return
	# the pipe of one rank
	cat >rank.sh <<-'END'
		program=$1 run=$2; shift 2
		tscae-decode -q -t 1 --labels dirs --shuffle --epochs 3 --shard auto \
			--start-index "$(tscae-train --resume-index "$run")" all/train 2>/dev/null |
			tscae-crop -q --size 16 -t 1 | tscae-mask -q --patch 4 |
			${PER_RANK-} "$program" -q -t 1 -o "$run" image=16 patch=4 "$@"
	END
}
# host_list RANKS HOSTS: h0:2,h1:2
host_list() { seq -s , -f "h%.0f:$(($1 / $2))" 0 $(($2 - 1)); }
launch() {
	local ranks=$1 hosts=$2 limit=${LIMIT:-180}; shift 2
	case $launcher in
	openmpi) on h0 timeout "$limit" mpirun.openmpi -q -n "$ranks" --host "$(host_list "$ranks" "$hosts")" \
		bash rank.sh "$bin_mpi/tscae-train" "$@" ;;
	mpich) on h0 timeout "$limit" mpiexec.mpich -launcher rsh -launcher-exec "$root/tests/hosts/agent.sh" \
		-iface eth0 -n "$ranks" -hosts "$(host_list "$ranks" "$hosts")" \
		bash rank.sh "$bin_mpich/tscae-train" "$@" ;;
	slurm) on h0 timeout "$limit" srun --quiet --mpi=pmix --overcommit --nodes="$hosts" \
		--ntasks="$ranks" bash rank.sh "$bin_mpi/tscae-train" "$@" ;;
	esac </dev/null
}
alone() { bash rank.sh tscae-train "$@"; }
bytes() {
	[ -e "$1/latest/state.safetensors" ] || { echo "no model in $1 $RANDOM"; return; }
	cat "$1"/latest/model.safetensors "$1"/latest/state.safetensors | sha256sum | cut -c1-16
}
curve() { sed 's/"images_per_s.*//' "$1/log.jsonl" | sha256sum | cut -c1-16; }
