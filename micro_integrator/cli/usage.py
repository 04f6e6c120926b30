"""What `--help` prints."""

USAGE = """\
Usage: micro-integrator.sh [COMMAND] [OPTION ...]

Commands
  run                       run a node in the foreground (the default)
  start [--wait S]          run a node in the background; returns when it has started, at most S seconds (60)
  stop [--timeout S]        stop the node and wait for its end; --force kills it when the time is over
  restart                   stop, then start with the same -D options
  status                    show process, ports, node id, coordinator and readiness
  check [--strict]          examine configuration and artifacts without opening a port
  task list                 show tasks: owner, next fire, last key, last state, intent, skipped
  task pause NAME           stop firing, in the whole cluster; also: activate, trigger (fire now), reset
  task move NAME NODE       let another node run a task, without a gap
  cluster members           show the members: status, coordinator, age of the lease, tasks, release, host
  cluster accept-rollback   go on with a restored database; on each node that asks for it
  ciphertool                encrypt secrets
  --version, --help

Options
  -Dname=value, -Dname      system property; -DportOffset=20 moves all ports, -DnodeId=node-2 names the node
  --env-file=PATH           set environment variables from a file first
  --json                    print answers of task, cluster and status as JSON
  --debug PORT              wait for a Python debugger on this port of the loopback address

Environment
  MI_HOME                   the home: conf/, carbonapps/, registry/, repository/logs/, lib/
                            (default: the folder above bin/; CARBON_HOME means the same)
  MI_PYTHON                 interpreter to use as it is, instead of an own virtual environment
  MI_VENV                   where the virtual environment is kept (default: .venv beside bin/)

Exit codes
  0 done   1 failed or work was cut off   2 usage   3 configuration   4 already running   5 not running
  6 still alive   121 restart requested;   status: 1 running but not ready
"""
