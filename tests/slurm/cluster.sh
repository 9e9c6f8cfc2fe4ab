# cluster.sh - a Slurm cluster for tests: with its own configuration, key and ports in one directory
#
# cluster_up DIRECTORY [HOST ...]: start munged, slurmctld and slurmd and set SLURM_CONF; on failure print the end of
# the logs. One node, this machine; or the test hosts of tests/hosts/network.sh, with slurmctld on the first
# cluster_down DIRECTORY: end all jobs and the daemons. Processes are tracked by their parents, and tasks are
# not bound, so cgroups are not needed.

cluster_free_port() {
	local port
	while port=$((20000 + RANDOM % 10000)); (exec 9<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
	echo "$port"
}

cluster_up() {
	local d=$1 user=$(id -un) first host nodes at i; shift
	first=${1-$(hostname -s)}
	if [ $# = 0 ]; then
		at=127.0.0.1 nodes="NodeName=$first NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN"
	else
		at=$(getent hosts "$first" | cut -d ' ' -f 1)
		for host; do
			nodes="${nodes-}NodeName=$host NodeAddr=$(getent hosts "$host" | cut -d ' ' -f 1)"
			nodes="$nodes CPUs=$(nproc) State=UNKNOWN"$'\n'
		done
	fi
	mkdir -p "$d/state" "$d/tmp"
	(umask 077; head -c 64 /dev/urandom >"$d/key")
	cat >"$d/slurm.conf" <<-EOF
		ClusterName=test
		SlurmctldHost=$first($at)
		SlurmctldPort=$(cluster_free_port)
		SlurmdPort=$(cluster_free_port)
		SlurmUser=$user
		SlurmdUser=$user
		AuthInfo=socket=$d/munge.socket,cred_expire=5
		StateSaveLocation=$d/state
		SlurmdSpoolDir=$d/spool-%n
		TmpFS=$d/tmp
		SlurmctldPidFile=$d/slurmctld.pid
		SlurmdPidFile=$d/slurmd-%n.pid
		SlurmctldLogFile=$d/slurmctld.log
		SlurmdLogFile=$d/slurmd-%n.log
		ProctrackType=proctrack/linuxproc
		TaskPlugin=task/none
		JobAcctGatherType=jobacct_gather/none
		SwitchType=switch/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		ReturnToService=2
		KillWait=5
		SchedulerParameters=sched_interval=3
		$nodes
		PartitionName=all Nodes=ALL Default=YES MaxTime=60 State=UP OverSubscribe=FORCE:8
	EOF
	export SLURM_CONF=$d/slurm.conf
	PATH=$PATH:/usr/sbin
	# --force: the socket's directory may be open to others, as /tmp is
	{
		munged --force --key-file="$d/key" --socket="$d/munge.socket" --pid-file="$d/munged.pid" \
			--log-file="$d/munged.log" --seed-file="$d/seed" &&
		if [ $# = 0 ]; then
			slurmctld -c && slurmd -c
		else
			# each node has its own file system for temporary files
			on "$first" slurmctld -c && for host; do
				mkdir "$d/tmp-$host" &&
				on "$host" unshare --mount sh -c 'mount --bind "$1/tmp-$2" "$1/tmp" &&
					slurmd -c -N "$2"' slurmd "$d" "$host" || break
			done
		fi
	} >"$d/start.log" 2>&1
	for i in $(seq 300); do
		[ "$(${1:+on "$1"} sinfo -h -o %T 2>/dev/null)" = idle ] && return
		sleep 0.1
	done
	tail -n 5 "$d"/*.log
	return 1
}

cluster_down() {
	local d=$1 name pid i
	scancel -u "$(id -un)" 2>/dev/null && for i in $(seq 100); do
		[ -n "$(squeue -h 2>/dev/null)" ] || break
		sleep 0.1
	done
	for name in "$d"/slurmd-*.pid "$d/slurmctld.pid" "$d/munged.pid"; do
		pid=$(cat "$name" 2>/dev/null) || continue
		kill "$pid" 2>/dev/null
		for i in $(seq 100); do
			kill -0 "$pid" 2>/dev/null || continue 2
			sleep 0.1
		done
		kill -9 "$pid"
	done
}
