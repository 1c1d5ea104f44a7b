using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running;

/// <summary>
/// Brings what somebody wants to whoever may write events: the monitor that runs, or where none does, this process for a moment. What was answered is on disk, and
/// the answer is written with what happened: it is carried out once, whoever is killed when.
/// </summary>
/// <param name="folder">Where monitoring keeps its things.</param>
/// <param name="time">The clock.</param>
/// <param name="activity">Where to report to.</param>
internal sealed class RequestDesk(MonitoringFolder folder, TimeProvider time, IActivity activity)
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100), Patience = TimeSpan.FromSeconds(30);

    /// <summary>Has a request carried out.</summary>
    /// <returns>The number of the event that it led to.</returns>
    /// <exception cref="ProdOpsException">It cannot be carried out, or the monitor does not answer.</exception>
    public async Task<long> AskAsync(MonitorRequest request, CancellationToken cancellationToken)
    {
        using var store = folder.Open(time, activity);
        long id = store.Requests.Add(time.GetUtcNow(), request.ToJson());
        try
        {
            return await AwaitAnswerAsync(store, id, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is OperationCanceledException or ProdOpsException)
        {
            // Whoever is told that it was not done should be right; what was answered is not withdrawn by this.
            TryWithdraw(store, id);
            throw;
        }
    }

    /// <summary>Answers what was asked; to be called by whoever has the right to write events.</summary>
    /// <param name="store">The store.</param>
    /// <param name="isCarriedOut">Whether a request was carried out, and only its answer is still to be written.</param>
    /// <param name="carryOut">Carries a request out; false if what came of it, and the answer with it, is not on disk.</param>
    /// <exception cref="ProdOpsException">The store cannot be used.</exception>
    public static void Answer(MetricStore store, Func<long, bool> isCarriedOut, Func<long, MonitorRequest, bool> carryOut)
    {
        foreach (var (id, json) in store.Requests.Unanswered())
        {
            if (isCarriedOut(id)) continue;
            RequestAnswer answer;
            try
            {
                if (carryOut(id, MonitorRequest.TryParse(json) ?? throw MonitoringErrors.RequestNotUnderstood())) continue;
                // It holds for as long as this monitor lives; whoever asked must know that it may be lost with it.
                answer = RequestAnswer.Of(MonitoringErrors.RequestNotKept(store.Path));
            }
            catch (ProdOpsException error)
            {
                answer = RequestAnswer.Of(error);
            }

            store.Requests.Answer(new RequestAnswered(id, answer.ToJson()));
        }
    }

    private async Task<long> AwaitAnswerAsync(MetricStore store, long id, CancellationToken cancellationToken)
    {
        for (long begun = time.GetTimestamp(); ;)
        {
            if (store.Requests.AnswerOf(id) is { } answer) return RequestAnswer.Read(answer);
            if (folder.TryLock() is { } alone)
            {
                using (alone) AnswerAlone(store, cancellationToken);
                continue;
            }

            if (time.GetElapsedTime(begun) > Patience && store.Requests.Withdraw(id)) throw MonitoringErrors.MonitorSilent(folder.Path);
            await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private void AnswerAlone(MetricStore store, CancellationToken cancellationToken) => Answer(store, static _ => false, (id, request) =>
    {
        // Each by what is on disk: what the one before led to is there, or never was.
        var monitor = new HealthMonitor(new MonitorPlan([], new RuleSet([])), store.Monitor.Load(cancellationToken));
        var now = time.GetUtcNow();
        var blind = monitor.Visit(now, store.Monitor.LastAlive);
        var events = request.CarryOut(monitor, now);
        store.Monitor.Append([.. blind, .. events], [RequestAnswer.To(id, events)]);
        return true;
    });

    private static void TryWithdraw(MetricStore store, long id)
    {
        try
        {
            store.Requests.Withdraw(id);
        }
        catch (ProdOpsException)
        {
            // What cannot be written to cannot be taken back from either.
        }
    }
}
