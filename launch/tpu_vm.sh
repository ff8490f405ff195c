#!/usr/bin/env bash
# Trains on a Cloud TPU VM:
#
#   launch/tpu_vm.sh create
#   launch/tpu_vm.sh setup     # Sends the last commit to all hosts and installs it.
#   launch/tpu_vm.sh run --config=configs/dcgan_anime.py
#   launch/tpu_vm.sh delete
#
# Options, before or after the subcommand: --name=, --zone=, --accelerator_type=,
# --version=, and --dry_run, which prints the commands and runs none. From the first
# argument of `run` that is none of these, or from -- on, all are python -m jaxgan.main's.
set -euo pipefail
cd "$(dirname "$0")/.."

name=jaxgan
zone=us-west4-a
accelerator_type=v5litepod-8
version=v2-alpha-tpuv5-lite
dry_run=false

fail() {
  echo "error: $1" >&2
  exit 2
}

# Prints a word so that a shell reads it as it is.
quote() {
  local quoted="'\\''"
  if [[ $1 =~ ^[A-Za-z0-9_./:=,@%+-]+$ ]]; then
    printf '%s' "$1"
  else
    printf "'%s'" "${1//\'/$quoted}"
  fi
}

# Runs a command, or prints it as it would be typed.
call() {
  if ! $dry_run; then
    "$@"
    return
  fi
  local separator='' word
  for word in "$@"; do
    printf '%s' "$separator"
    quote "$word"
    separator=' '
  done
  echo
}

# Runs a line of shell on all hosts.
remote() {
  call gcloud compute tpus tpu-vm ssh "$name" --zone="$zone" --worker=all \
    --command="$1"
}

create() {
  call gcloud compute tpus tpu-vm create "$name" --zone="$zone" \
    --accelerator-type="$accelerator_type" --version="$version"
}

setup() {
  call mkdir -p build
  call git archive --format=tar.gz --output=build/jaxgan.tar.gz HEAD
  call gcloud compute tpus tpu-vm scp build/jaxgan.tar.gz "$name:jaxgan.tar.gz" \
    --zone="$zone" --worker=all
  remote 'mkdir -p jaxgan && tar -xzf jaxgan.tar.gz -C jaxgan'
  # The image's own Python may be older than 3.11, so uv brings one.
  remote 'python3 -m pip install --user uv && cd jaxgan'\
' && python3 -m uv venv --allow-existing --python=3.12 .venv'\
' && python3 -m uv pip install --python=.venv/bin/python --editable=.[tpu]'
}

run() {
  local line='cd jaxgan && .venv/bin/python -m jaxgan.main --distributed' word
  for word in "$@"; do
    line+=" $(quote "$word")"
  done
  remote "$line"
}

delete() {
  call gcloud compute tpus tpu-vm delete "$name" --zone="$zone" --quiet
}

subcommand=
while (($#)); do
  case $1 in
    --name=*) name=${1#*=} ;;
    --zone=*) zone=${1#*=} ;;
    --accelerator_type=*) accelerator_type=${1#*=} ;;
    --version=*) version=${1#*=} ;;
    --dry_run) dry_run=true ;;
    create | setup | run | delete)
      [[ -z $subcommand ]] || fail "unexpected argument $1."
      subcommand=$1 ;;
    --) shift; break ;;
    *)
      [[ $subcommand != run ]] || break
      fail "unknown argument $1: create, setup, run or delete; see the file's head." ;;
  esac
  shift
done
[[ -n $subcommand ]] || fail "say what to do: create, setup, run or delete."
[[ $subcommand == run || $# == 0 ]] || fail "$subcommand takes no argument $1."
"$subcommand" "$@"
