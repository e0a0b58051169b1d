# Completion of fish for bh, bh-start and the others: verbs, options, and the services that the manager knows.
# CompletionTest makes what is between the two lines that say so; the rest is edited here.

# The words before the one at the cursor: the run dir or an empty line, the verb or an empty line, its operands.
function __bh_words
    set -l words (commandline -opc)
    set -l rundir "$BELLHOP_RUNDIR"
    set -l operands (string match --groups-only --regex '^bh-(.*)$' (basename -- "$words[1]"))
    set -l option ''
    for word in $words[2..]
        if test -n "$option"
            test "$option" = --rundir; and set rundir $word
            set option ''
        else if string match --quiet -- '--rundir=*' $word
            set rundir (string replace -- --rundir= '' $word)
        else if string match --quiet -- '-*' $word
            __bh_takes_value "$operands[1]" $word; and set option $word
        else
            set --append operands $word
        end
    end
    printf '%s\n' "$rundir" $operands
end

# Whether the cursor is at a word of one of these verbs, and if a number comes first, at that operand of it, or
# a later one if it is followed by a +.
function __bh_at
    set -l words (__bh_words)
    set -l index
    string match --quiet --regex '^[0-9]' -- $argv[1]; and set index $argv[1]; and set --erase argv[1]
    contains -- "$words[2]" $argv; or return
    test -z "$index"; and return
    set -l given (math (count $words) - 2)
    test "$index" = "$given"; and return
    string match --quiet '*+' $index; and test $given -ge (string trim --chars + $index)
end

# Asks through the FIFO, by the shell client beside the program: no JVM is started for it.
function __bh_names --argument-names which
    set -l words (__bh_words)
    set -l typed (commandline -opc)[1]
    set -l program (command -s -- $typed); or return
    set -l bin (path dirname $program)
    if not test -x $bin/bh-status
        set bin $bin/bin
        test -x $bin/bh-status; or set bin (path dirname (path resolve $program))
    end
    test -x $bin/bh-status; or return
    BELLHOP_RUNDIR=$words[1] $bin/bh-status --names 2>/dev/null | while read --delimiter ' ' --local name state
        switch $which:$state
            case up:stopped up:template down:started down:starting down:restarting
            case '*:template'
                printf '%s@\t%s\n' $name $state
            case '*'
                contains -- $name $words[3..]; or printf '%s\t%s\n' $name $state
        end
    end
end

function __bh_signals
    kill -l | string split --no-empty ' '
end

# begin: made by CompletionTest
function __bh_takes_value
    test "$argv[2]" = --rundir; or contains -- "$argv" ' --rundir' 'run --services' 'run --rundir' 'run --logdir' 'run --enabled' 'run --plugins' 'run --sysfs' 'run --stop-timeout' 'run --exit-with' 'wait --until' 'wait --timeout' 'check --services' 'check --plugins' 'import --directory' 'import --name' 'import --from' 'show --services' 'new --directory' 'new --description' 'new --user' 'new --requires' 'new --ready' 'new --restart' 'new --pre' 'new --post' 'edit --services' 'require --owner' 'release --owner' 'logs -n' 'logs --since' 'logs --until' 'logs --grep' 'events --since'
end

complete -c bh -c bh-release -c bh-require -c bh-start -c bh-status -c bh-stop -c bh-stopall -f
complete -c bh -n '__bh_at ""' -a run -d 'Run the manager, in the foreground, until TERM or INT'
complete -c bh -n '__bh_at ""' -a start -d 'Start services, and keep them started'
complete -c bh -n '__bh_at ""' -a stop -d 'Stop services'
complete -c bh -n '__bh_at ""' -a stopall -d 'Stop all services'
complete -c bh -n '__bh_at ""' -a upgrade -d 'Replace the manager with the program on disk, without stopping services'
complete -c bh -n '__bh_at ""' -a restart -d 'Stop services and start them again'
complete -c bh -n '__bh_at ""' -a status -d 'Show the state of services'
complete -c bh -n '__bh_at ""' -a top -d 'Show the state of services again and again, with keys to look into them'
complete -c bh -n '__bh_at ""' -a why -d 'Say why a service runs, or does not'
complete -c bh -n '__bh_at ""' -a tree -d 'Show which services hold which'
complete -c bh -n '__bh_at ""' -a list -d 'List the services that could be started'
complete -c bh -n '__bh_at ""' -a reload -d 'Read all service directories now, and show what has changed. With NAME: send services their reload_signal instead'
complete -c bh -n '__bh_at ""' -a signal -d 'Send a signal to the main process of a service'
complete -c bh -n '__bh_at ""' -a wait -d 'Wait until services are in a state'
complete -c bh -n '__bh_at ""' -a enable -d 'Start services together with the manager from now on'
complete -c bh -n '__bh_at ""' -a disable -d 'No longer start services together with the manager'
complete -c bh -n '__bh_at ""' -a mask -d 'Keep services from being started by anybody from now on'
complete -c bh -n '__bh_at ""' -a unmask -d 'Let services be started again'
complete -c bh -n '__bh_at ""' -a check -d 'Find mistakes in services, without starting them'
complete -c bh -n '__bh_at ""' -a import -d 'Make services of units of systemd, programs of supervisord and services of Compose'
complete -c bh -n '__bh_at ""' -a show -d 'Show the settings in force for a service, and their origin'
complete -c bh -n '__bh_at ""' -a new -d 'Make a service of a command'
complete -c bh -n '__bh_at ""' -a edit -d 'Edit a service; a change that is not right has no effect'
complete -c bh -n '__bh_at ""' -a require -d 'Hold a service, which starts it'
complete -c bh -n '__bh_at ""' -a release -d 'Drop a hold'
complete -c bh -n '__bh_at ""' -a logs -d 'Print the output of services, merged by time; without a name, what the manager itself has said'
complete -c bh -n '__bh_at ""' -a events -d 'Show what has happened to services, why, and who asked'
complete -c bh -n '__bh_at ""' -a slow -d 'Show what the last boot waited for'
complete -c bh -n '__bh_at ""' -a plugins -d 'Show the plugins, and why one was left out'
complete -c bh -n '__bh_at ""' -a triggers -d 'Show which devices plugins see, and which services are held for them'
complete -c bh -n '__bh_at ""' -l rundir -x -a '(__fish_complete_directories)' -d 'The run dir of the manager'
complete -c bh -n '__bh_at ""' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at ""' -l version -d 'Show the version and exit'
complete -c bh -n '__bh_at run' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at run' -l services -x -a '(__fish_complete_directories)' -d 'A directory of services; repeatable'
complete -c bh -n '__bh_at run' -l rundir -x -a '(__fish_complete_directories)' -d 'The run dir'
complete -c bh -n '__bh_at run' -l logdir -x -a '(__fish_complete_directories)' -d 'The directory of the logs'
complete -c bh -n '__bh_at run' -l enabled -x -a '(__fish_complete_directories)' -d 'The directory of enabled services'
complete -c bh -n '__bh_at run' -l plugins -x -a '(__fish_complete_directories)' -d 'A further directory of plugins; repeatable'
complete -c bh -n '__bh_at run' -l sysfs -x -a '(__fish_complete_directories)' -d 'The root of sysfs; /sys if not given'
complete -c bh -n '__bh_at run' -l console -d 'Services write to standard output, not to files'
complete -c bh -n '__bh_at run' -l stop-timeout -x -d 'The time limit for stopping; what is left then is killed'
complete -c bh -n '__bh_at run' -l exit-with -x -a '(__bh_names all)' -d 'Start this service, and end with it and its exit status'
complete -c bh -c bh-start -n '__bh_at start' -s h -l help -d 'Show this text and exit'
complete -c bh -c bh-start -n '__bh_at start' -l wait-finished -d 'Wait until run of the one service has ended for good, and exit 0 if it has finished, else with its exit status'
complete -c bh -c bh-start -n '__bh_at 0+ start' -a '(__bh_names down)'
complete -c bh -c bh-stop -n '__bh_at stop' -s h -l help -d 'Show this text and exit'
complete -c bh -c bh-stop -n '__bh_at 0+ stop' -a '(__bh_names up)'
complete -c bh -c bh-stopall -n '__bh_at stopall' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at upgrade' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at restart' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at 0+ restart' -a '(__bh_names all)'
complete -c bh -c bh-status -n '__bh_at status' -s h -l help -d 'Show this text and exit'
complete -c bh -c bh-status -n '__bh_at status' -l json -d 'As JSON'
complete -c bh -c bh-status -n '__bh_at status' -l watch -d 'Draw it again every two seconds, until q is pressed'
complete -c bh -c bh-status -n '__bh_at 0+ status' -a '(__bh_names all)'
complete -c bh -n '__bh_at top' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at 0+ top' -a '(__bh_names all)'
complete -c bh -n '__bh_at why' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at why' -l json -d 'As JSON'
complete -c bh -n '__bh_at 0 why' -a '(__bh_names all)'
complete -c bh -n '__bh_at tree' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at tree' -l json -d 'As JSON'
complete -c bh -n '__bh_at tree' -l mermaid -d 'As a graph in the language of Mermaid'
complete -c bh -n '__bh_at tree' -l yaml -d 'As requires in the form of service.yaml'
complete -c bh -n '__bh_at tree' -l observed -d 'Only holds that are taken, not those that are merely declared'
complete -c bh -n '__bh_at 0+ tree' -a '(__bh_names all)'
complete -c bh -n '__bh_at list' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at list' -l long -d 'Add whether each starts with the manager or is masked, and its description'
complete -c bh -n '__bh_at list' -l state -d 'Add the state of each, or that it is a template'
complete -c bh -n '__bh_at reload' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at reload' -l json -d 'As JSON; only without NAME'
complete -c bh -n '__bh_at 0+ reload' -a '(__bh_names all)'
complete -c bh -n '__bh_at signal' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at 0 signal' -a '(__bh_names up)'
complete -c bh -n '__bh_at 1 signal' -a '(__bh_signals)'
complete -c bh -n '__bh_at wait' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at wait' -l until -x -a 'started stopped finished healthy' -d 'The state to wait for; started if not given'
complete -c bh -n '__bh_at wait' -l timeout -x -d 'How long to wait at most, such as 10s'
complete -c bh -n '__bh_at 0+ wait' -a '(__bh_names all)'
complete -c bh -n '__bh_at enable' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at 0+ enable' -a '(__bh_names all)'
complete -c bh -n '__bh_at disable' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at 0+ disable' -a '(__bh_names all)'
complete -c bh -n '__bh_at mask' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at 0+ mask' -a '(__bh_names all)'
complete -c bh -n '__bh_at unmask' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at 0+ unmask' -a '(__bh_names all)'
complete -c bh -n '__bh_at check' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at check' -l json -d 'As JSON, for editors and CI'
complete -c bh -n '__bh_at check' -l services -x -a '(__fish_complete_directories)' -d 'A directory of services; repeatable'
complete -c bh -n '__bh_at check' -l plugins -x -a '(__fish_complete_directories)' -d 'A further directory of plugins; repeatable'
complete -c bh -n '__bh_at 0+ check' -a '(__bh_names all; __fish_complete_directories)'
complete -c bh -n '__bh_at import' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at import' -l directory -x -a '(__fish_complete_directories)' -d 'Where to make them; the first directory of services if not given'
complete -c bh -n '__bh_at import' -l name -x -d 'The name of the service; that of its file if not given'
complete -c bh -n '__bh_at import' -l from -x -a 'systemd supervisord compose' -d 'The format of the files; what their names say if not given'
complete -c bh -n '__bh_at import' -l dry-run -d 'Print what would be made, and make nothing'
complete -c bh -n '__bh_at 0+ import' -F
complete -c bh -n '__bh_at show' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at show' -l json -d 'As JSON'
complete -c bh -n '__bh_at show' -l services -x -a '(__fish_complete_directories)' -d 'A directory of services; repeatable'
complete -c bh -n '__bh_at 0 show' -a '(__bh_names all)'
complete -c bh -n '__bh_at new' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at new' -l directory -x -a '(__fish_complete_directories)' -d 'The directory of services to make it in; the first that this user can write to if not given'
complete -c bh -n '__bh_at new' -l description -x -d 'A description for people'
complete -c bh -n '__bh_at new' -l user -x -d 'The user that executes the command'
complete -c bh -n '__bh_at new' -l requires -x -a '(__bh_names all)' -d 'A service that it requires; repeatable'
complete -c bh -n '__bh_at new' -l ready -x -d 'How it reports that it is ready: notify, fd=N, path=FILE, tcp=ADDRESS:PORT, http=URL or test=COMMAND'
complete -c bh -n '__bh_at new' -l restart -x -d 'Whether it is started again after it ended: always, on-failure or no'
complete -c bh -n '__bh_at new' -l pre -x -d 'A line for the shell, executed before it'
complete -c bh -n '__bh_at new' -l post -x -d 'A line for the shell, executed after it'
complete -c bh -n '__bh_at 0 new' -a '(__bh_names all)'
complete -c bh -n '__bh_at edit' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at edit' -l services -x -a '(__fish_complete_directories)' -d 'A directory of services; repeatable'
complete -c bh -n '__bh_at 0 edit' -a '(__bh_names all)'
complete -c bh -n '__bh_at 1 edit' -a 'ng,anything,anything,anything'
complete -c bh -c bh-require -n '__bh_at require' -s h -l help -d 'Show this text and exit'
complete -c bh -c bh-require -n '__bh_at require' -l owner -x -d 'The owner of the hold; the caller if not given'
complete -c bh -c bh-require -n '__bh_at 0 require' -a '(__bh_names all)'
complete -c bh -c bh-release -n '__bh_at release' -s h -l help -d 'Show this text and exit'
complete -c bh -c bh-release -n '__bh_at release' -l owner -x -d 'The owner of the hold; the caller if not given'
complete -c bh -c bh-release -n '__bh_at 0 release' -a '(__bh_names all)'
complete -c bh -n '__bh_at logs' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at logs' -s n -x -d 'How many lines, of those that match; 10 if neither this nor another condition is given'
complete -c bh -n '__bh_at logs' -s f -d 'Keep printing new lines as they are written'
complete -c bh -n '__bh_at logs' -l since -x -d 'Only lines since then: 10m, 2h or 3d ago, today, HH:MM[:SS], or YYYY-MM-DD[ HH:MM[:SS]]'
complete -c bh -n '__bh_at logs' -l until -x -d 'Only lines until then'
complete -c bh -n '__bh_at logs' -l grep -x -d 'Only lines in which something matches this regular expression'
complete -c bh -n '__bh_at logs' -l json -d 'Print each line as a JSON object: time, service, line'
complete -c bh -n '__bh_at 0+ logs' -a '(__bh_names all)'
complete -c bh -n '__bh_at events' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at events' -s f -d 'Keep printing new events as they come'
complete -c bh -n '__bh_at events' -l since -x -d 'Only those since then: 10m, 2h, today, HH:MM[:SS] or YYYY-MM-DD[ HH:MM[:SS]]'
complete -c bh -n '__bh_at events' -l json -d 'As JSON, an object on each line'
complete -c bh -n '__bh_at 0+ events' -a '(__bh_names all)'
complete -c bh -n '__bh_at slow' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at slow' -l json -d 'As JSON'
complete -c bh -n '__bh_at plugins' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at plugins' -l json -d 'As JSON'
complete -c bh -n '__bh_at triggers' -s h -l help -d 'Show this text and exit'
complete -c bh -n '__bh_at triggers' -l json -d 'As JSON'
complete -c bh-release -l version -d 'Show the version and exit'
complete -c bh-require -l version -d 'Show the version and exit'
complete -c bh-start -l version -d 'Show the version and exit'
complete -c bh-status -l version -d 'Show the version and exit'
complete -c bh-stop -l version -d 'Show the version and exit'
complete -c bh-stopall -l version -d 'Show the version and exit'
complete -c bh -n '__bh_at connect escort semaphore state' -F
# end: made by CompletionTest
