using ProdOps.Monitoring.Notifications;
using ProdOps.Monitoring.States;

namespace ProdOps.Monitoring.Running;

/// <content>What is done about what was decided, and what became of it.</content>
internal sealed partial class HealthLoop
{
    /// <summary>Has done what was decided.</summary>
    private void Follow(Committed committed, bool enqueue = true)
    {
        if (committed.Events.Count == 0) return;
        foreach (var happened in committed.Events)
        {
            if (happened is NotificationDecided decided && enqueue) _outbox.Enqueue(MessageWriter.Write(decided, _core.State, _plan, _setup.Environment));
            else if (happened is ActionBegun begun && _plan.Actions.FirstOrDefault(action => action.Name == begun.Action) is { } action) Act(action, begun, committed.Kept);
        }

        _services.Happened(committed.Events, _core.State);
    }

    private void Act(HealthAction action, ActionBegun begun, bool kept)
    {
        _acting.RemoveAll(static task => task.IsCompleted);
        // What might be done twice because nobody could write down that it was is not done at all.
        if (!kept && !action.IsDiagnosis) Post(() => Follow(_core.Do((monitor, now) => monitor.EndAction(now, begun.Number, null, "It was not done, since nothing can be written down."))));
        else _acting.Add(ActAsync(action, begun, _core.State.Checks.GetValueOrDefault(begun.Key)?.Value));
    }

    private async Task ActAsync(HealthAction action, ActionBegun begun, double? value)
    {
        var outcome = await _services.Actions.RunAsync(action, begun, value, _stop).ConfigureAwait(false);
        Post(() => Follow(_core.Do((monitor, now) => monitor.EndAction(now, begun.Number, outcome.ExitCode, outcome.Output))));
    }

    /// <summary>What became of a message or a channel.</summary>
    private ValueTask ReportAsync(OutboxReport report)
    {
        // Also while the monitor ends: what arrived is written down then, and not sent again.
        var work = (Action)(() => TakeIn(report));
        return _work.Writer.TryWrite(work) ? ValueTask.CompletedTask : _work.Writer.WriteAsync(work, _stop);
    }

    private void TakeIn(OutboxReport report)
    {
        switch (report)
        {
            case OutboxReport.Delivered done:
                Follow(_core.Do((monitor, now) => monitor.Delivered(now, done.Id, done.Channel)));
                // It may have been dead when the monitor before this one ended.
                Follow(_core.Do((monitor, now) => monitor.ChangeChannel(now, done.Channel, null)));
                break;
            case OutboxReport.GivenUp done: Follow(_core.Do((monitor, now) => monitor.GiveUp(now, done.Id, done.Reason))); break;
            // That is known from the beginning, and is over with the next monitor that finds it corrected.
            case OutboxReport.ChannelFailed failed when _services.Senders.GetValueOrDefault(failed.Channel) is InvalidChannel: break;
            case OutboxReport.ChannelFailed failed: Follow(_core.Do((monitor, now) => monitor.ChangeChannel(now, failed.Channel, failed.Error))); break;
            case OutboxReport.ChannelWorks works: Follow(_core.Do((monitor, now) => monitor.ChangeChannel(now, works.Channel, null))); break;
        }
    }

    private void Post(Action work)
    {
        // The queue is full only for moments, and nobody who reports waits for it.
        if (!_work.Writer.TryWrite(work)) _ = _work.Writer.WriteAsync(work, _stop).AsTask();
    }
}
