#!/bin/sh
# Runs one job and outlives the runner. Usage: supervise.sh <job folder> <timeout in seconds> <where the programs are>
#
# Writes into the folder: `started` (who supervises), `group` (whom to signal), `output.log` (all that the job says),
# `timed-out` (if its time ran out) and finally `exit` (how it ended). Whoever finds `exit` knows everything.
#
# Our environment is the job's, and reaches it unchanged: until it has begun, no variable is set outside of a subshell, and
# its PATH is not ours.
cd "$1" || exit 1

# A process's number and start time, as process-identity.ts reads them.
identity() (
  if [ ! -r /proc/self/stat ]; then
    echo "$1 0"
  elif read -r stat < "/proc/$1/stat"; then
    set -- "$1" ${stat##*) }
    echo "$1 ${21}"
  fi
)

# The file must not exist: of two supervisors for one job, whoever comes second goes away without a word.
set -C
{ identity "$$" > started; } 2> /dev/null || exit 0
set +C

# The job gets a process group of its own, so that all of it can be signalled and none of us is.
cd workspace || exit 1
set -- "$1" "$2" "$3" "$(PATH=$3 && command -v setsid)"
if [ -n "$4" ]; then
  "$4" /bin/sh ../script.sh >> ../output.log 2>&1 < /dev/null &
else
  set -m
  /bin/sh ../script.sh >> ../output.log 2>&1 < /dev/null &
  set +m
fi
job=$!
cd ..
# A short job may be gone already, which is nothing to talk about.
identity "$job" 2> /dev/null > group

(
  # Before the first sleep, the last process in the background is the job itself. Not TERM: until it has become `sleep`, a fork
  # of this shell would still catch it, and forget it.
  trap '[ "$!" = "$job" ] || kill -KILL "$!" 2> /dev/null; exit 0' TERM
  PATH=$3 sleep "$2" &
  wait "$!"
  : > timed-out
  kill -TERM -"$job" 2> /dev/null
  PATH=$3 sleep 10 &
  wait "$!"
  kill -KILL -"$job" 2> /dev/null
) > /dev/null 2>&1 &
watchdog=$!

wait "$job"
code=$?
kill -TERM "$watchdog" 2> /dev/null
# What the job left running in its group ends with it.
kill -KILL -"$job" 2> /dev/null
echo "$code" > exit
