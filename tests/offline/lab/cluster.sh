#!/usr/bin/env bash
# A Slurm cluster of one node, for tests: munged, slurmctld and slurmd in a folder of their own, without systemd and
# next to whatever Slurm the machine has. It needs root, and Debian's packages slurm-wlm and munge.
#
#   tests/offline/lab/cluster.sh start DIR    # then: export SLURM_CONF=DIR/slurm.conf
#   tests/offline/lab/cluster.sh stop DIR
set -euo pipefail

PATH=$PATH:/usr/sbin:/sbin
# Tasks that run side by side, however many processors there are.
SLOTS=4

missing() {
    echo "$*" >&2
    exit 3
}

start() {
    local program
    for program in munged slurmctld slurmd sbatch squeue scontrol scancel; do
        command -v "$program" >/dev/null || missing "there is no $program: apt-get install slurm-wlm munge"
    done
    [ "$(id -u)" = 0 ] || missing 'the daemons of a cluster are started by root'
    mkdir -p "$dir"/{state,spool,log}
    # munged wants folders that nobody else can write to.
    chmod 755 "$dir"
    key
    write_conf
    export SLURM_CONF=$dir/slurm.conf
    munged --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
        --log-file="$dir/log/munged.log" --seed-file="$dir/munged.seed"
    slurmctld -c
    slurmd -N node
    local try
    for try in $(seq 100); do
        [ "$(sinfo --noheader --format=%T 2>/dev/null)" != idle ] || return 0
        sleep 0.2
    done
    tail -n 20 "$dir"/log/*.log >&2
    stop
    missing 'the cluster did not come up'
}

key() {
    (umask 077 && head -c 1024 /dev/urandom >"$dir/munge.key")
}

# Two ports that nothing listens on at the moment.
ports() {
    local port found=()
    for port in $(shuf -i 20000-32000 -n 20); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || found+=("$port")
        [ ${#found[@]} -lt 2 ] || break
    done
    echo "${found[@]}"
}

write_conf() {
    local controller node
    read -r controller node < <(ports)
    cat >"$dir/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=$controller
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.log
AuthType=auth/munge
# A task that is requeued waits until its credential has expired.
AuthInfo=socket=$dir/munge.socket,cred_expire=5
CryptoType=crypto/munge
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,sched_min_interval=0,bf_interval=1,batch_sched_delay=0
# So that finished tasks are known for as long as a test lasts.
MinJobAge=600
KillWait=5
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=node NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=$node CPUs=$SLOTS RealMemory=1024 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=60 DefaultTime=10 State=UP OverSubscribe=NO
END
}

# Ends what was started here: jobs, then each daemon by its own process id.
stop() {
    local name pid
    export SLURM_CONF=$dir/slurm.conf
    if timeout 5 scancel --user=root 2>/dev/null; then
        for _ in $(seq 50); do
            [ -n "$(timeout 5 squeue --noheader 2>/dev/null)" ] || break
            sleep 0.2
        done
    fi
    for name in slurmd slurmctld munged; do
        [ -e "$dir/$name.pid" ] || continue
        pid=$(<"$dir/$name.pid")
        kill "$pid" 2>/dev/null || continue
        for _ in $(seq 50); do
            kill -0 "$pid" 2>/dev/null || continue 2
            sleep 0.1
        done
        kill -KILL "$pid" 2>/dev/null || true
    done
}

case ${1:-} in
start | stop) [ -n "${2:-}" ] && dir=$(realpath -m "$2") && "$1" ;;
*)
    sed -n 's/^# \{0,1\}//p' "$0" | head -5 >&2
    exit 2
    ;;
esac
