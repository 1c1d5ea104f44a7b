using ProdOps.Monitoring.Rules;
using ProdOps.Monitoring.States;
using ProdOps.Monitoring.Store;

namespace ProdOps.Monitoring.Running;

/// <summary>
/// Brings what somebody wants to whoever may write events: the monitor that runs, or where none does, this process for a moment. What was answered is on disk. It
/// is carried out once, unless whoever does it is killed between writing down what happened and the answer: then twice.
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
        long begun = time.GetTimestamp();
        while (true)
        {
            if (store.Requests.AnswerOf(id) is { } answer) return RequestAnswer.Read(answer);
            if (folder.TryLock() is { } alone)
            {
                using (alone) AnswerAlone(store, cancellationToken);
                continue;
            }

            if (time.GetElapsedTime(begun) > Patience && store.Requests.Withdraw(id)) throw MonitoringErrors.MonitorSilent(folder.Path);
            try
            {
                await Task.Delay(Look, time, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                store.Requests.Withdraw(id);
                throw;
            }
        }
    }

    /// <summary>Answers what was asked; to be called by whoever has the right to write events.</summary>
    /// <param name="store">The store.</param>
    /// <param name="carryOut">Carries a request out, and says whether what came of it is on disk.</param>
    public static void Answer(MetricStore store, Func<MonitorRequest, Committed> carryOut)
    {
        foreach (var (id, json) in store.Requests.Unanswered())
        {
            RequestAnswer answer;
            try
            {
                var (events, kept) = carryOut(MonitorRequest.TryParse(json) ?? throw MonitoringErrors.RequestNotUnderstood());
                // It holds for as long as this monitor lives; whoever asked must know that it may be lost with it.
                answer = kept ? new RequestAnswer(events.Count > 0 ? events[0].Number : 0) : RequestAnswer.Of(MonitoringErrors.RequestNotKept(store.Path));
            }
            catch (ProdOpsException error)
            {
                answer = RequestAnswer.Of(error);
            }

            store.Requests.Answer(id, answer.ToJson());
        }
    }

    private void AnswerAlone(MetricStore store, CancellationToken cancellationToken)
    {
        var monitor = new HealthMonitor(new MonitorPlan([], new RuleSet([])), store.Monitor.Load(cancellationToken));
        Answer(store, request =>
        {
            var events = request.CarryOut(monitor, time.GetUtcNow());
            store.Monitor.Append(events);
            return new Committed(events, Kept: true);
        });
    }
}
