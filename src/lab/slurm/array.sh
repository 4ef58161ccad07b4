
# From here on all arrays are alike. A task is a part of the experiment: it continues where it stopped, however it was
# stopped, since the result of a cell is on the disk before the next begins.

# Not SLURM_JOB_ID: one of the tasks has the array's own, and requeuing that would requeue all.
task=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
shard=$SLURM_ARRAY_TASK_ID/$shards
# Holds a line for each time in a row that the time limit came before the end of a cell.
fruitless=$results/slurm/$task.fruitless

say() { printf '%s task %s: %s\n' "$(date '+%F %T')" "$task" "$*"; }

# How many cells of this part are not finished.
left() { "$program" lab status "$results" --shard "$shard" --left; }

# Slurm sends USR1 to this script alone, some time before the time limit. TERM is sent to all processes when the task is
# cancelled, requeued or preempted. Either way the program ends in order: the running cell is given up, the finished
# ones are kept.
asked=
child=
stop() {
    asked=$1
    [ -z "$child" ] || kill -TERM "$child" 2>/dev/null
}
trap 'stop limit' USR1
trap 'stop end' TERM

cd -- "$directory" || exit
before=$(left) || exit
say "begins on $(hostname), cells to run: $before, times requeued: ${SLURM_RESTART_COUNT:-0}"

"$program" lab run "$results/slurm/experiment.toml" --out "$results" --shard "$shard" "${settings[@]}" &
child=$!
# A signal may have come before there was a child.
[ -z "$asked" ] || kill -TERM "$child" 2>/dev/null
wait "$child"
code=$?
# A signal ends wait at once; the program takes a moment longer.
while kill -0 "$child" 2>/dev/null; do wait "$child"; done

if [ -z "$asked" ]; then
    [ "$code" = 0 ] || say "failed: the program ended with status $code"
    exit "$code"
fi
after=$(left) || exit
if [ "$after" = 0 ]; then
    say 'is done'
    exit 0
fi
case $asked in
limit)
    # A cell that takes longer than the time limit would begin again and again. Once is no proof: a model may load
    # slowly, and some clusters send the same signal before they preempt a task.
    if [ "$after" -lt "$before" ]; then
        rm -f "$fruitless"
    else
        echo "$before" >>"$fruitless"
        if [ "$(wc -l <"$fruitless")" -ge 3 ]; then
            say 'failed: three times no cell finished within the time limit; give it more with --time'
            exit 1
        fi
    fi
    ;;
end)
    # A task that was cancelled is to end, and one that was requeued or preempted is already in the queue; none of them
    # counts as running by now. One that does was asked to by a person or a warning, and would be complete if it ended here.
    state=$(squeue --noheader --format=%T --jobs="$task")
    if [ "$state" != RUNNING ]; then
        say "stopped by Slurm ($state), cells to run: $after"
        exit 1
    fi
    ;;
esac
say "puts itself back into the queue, cells to run: $after"
for pause in 1 5 15; do
    scontrol requeue "$task" && exit 0
    sleep "$pause"
done
say 'failed: Slurm does not take it back into the queue'
exit 1
