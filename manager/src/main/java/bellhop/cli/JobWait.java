package bellhop.cli;

import bellhop.cli.ServiceWait.Progress;
import bellhop.core.Caller;
import bellhop.core.RunEnd;
import bellhop.core.Service;
import bellhop.core.Word;
import bellhop.definition.ServiceName;
import bellhop.manager.ExitCode;
import java.util.List;
import java.util.Optional;

/** Waits for the end of a job that was started, and ends the client with its exit status. On the loop's thread. */
final class JobWait {

    private JobWait() {}

    /** Whether it is a script of the job itself that asks. */
    static boolean isOfItself(Session request, ServiceName job) {
        return request.caller() instanceof Caller.ScriptCaller(ServiceName own, long _) && own.equals(job);
    }

    /**
     * Begins, once the first attempt has ended. If that has failed, the restart policy may go on.
     *
     * @param failures why it has failed; empty if it has not
     */
    static void begin(Session request, ServiceName job, List<String> failures) {
        Word word = service(request, job).map(Service::word).orElse(Word.STOPPED);
        boolean goesOn = word == Word.STARTING || word == Word.RESTARTING;
        if (failures.isEmpty() || goesOn) {
            ServiceWait wait =
                    new ServiceWait(request, List.of(job), (name, service) -> progress(request, name, service));
            wait.exitingWith(outcome -> outcome == ExitCode.OK ? outcome : failed(request, job));
            wait.begin();
        } else {
            failures.forEach(request::complain);
            request.exit(failed(request, job));
        }
    }

    private static Optional<Service> service(Session request, ServiceName job) {
        return request.engine().services().service(job);
    }

    private static Progress progress(Session request, ServiceName name, Optional<Service> service) {
        return service.map(Service::word).orElse(Word.STOPPED) == Word.STOPPED
                ? Progress.never("was stopped before it had finished")
                : WaitVerb.untilFinished(request, name, service);
    }

    /** What failed may have exited 0 all the same. */
    private static int failed(Session request, ServiceName job) {
        int status = service(request, job)
                .filter(service -> service.word() == Word.FAILED)
                .flatMap(Service::end)
                .flatMap(RunEnd::exit)
                .map(ExitCode::of)
                .orElse(ExitCode.FAILED);
        return Math.max(status, ExitCode.FAILED);
    }
}
