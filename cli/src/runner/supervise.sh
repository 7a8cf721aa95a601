#!/bin/sh
# Runs one job and outlives the runner. Usage: supervise.sh <job folder> <timeout in seconds>
#
# Writes into the folder: `started` (who supervises), `group` (whom to signal), `output.log` (all that the job says),
# `timed-out` (if its time ran out) and finally `exit` (how it ended). Whoever finds `exit` knows everything.
cd "$1" || exit 1
timeout=$2

# The file must not exist: of two supervisors for one job, whoever comes second goes away without a word.
set -C
if [ -r /proc/self/stat ]; then
  read -r stat < /proc/self/stat
  set -- $stat
  { echo "$$ ${22}" > started; } 2>/dev/null || exit 0
else
  { echo "$$ 0" > started; } 2>/dev/null || exit 0
fi
set +C

# The job gets a process group of its own, so that all of it can be signalled and none of us is.
cd workspace || exit 1
if command -v setsid > /dev/null 2>&1; then
  setsid /bin/sh ../script.sh >> ../output.log 2>&1 < /dev/null &
else
  set -m
  /bin/sh ../script.sh >> ../output.log 2>&1 < /dev/null &
  set +m
fi
job=$!
cd ..
echo "$job" > group

(
  trap 'kill "$sleeping" 2> /dev/null; exit 0' TERM
  sleep "$timeout" &
  sleeping=$!
  wait "$sleeping"
  : > timed-out
  kill -TERM -"$job" 2> /dev/null
  sleep 10 &
  sleeping=$!
  wait "$sleeping"
  kill -KILL -"$job" 2> /dev/null
) > /dev/null 2>&1 &
watchdog=$!

wait "$job"
code=$?
kill -TERM "$watchdog" 2> /dev/null
# What the job left running in its group ends with it.
kill -KILL -"$job" 2> /dev/null
echo "$code" > exit
