using System.Management.Automation;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Common;

/// <summary>Carries what the engine reports to a cmdlet's streams, without secrets. Progress is shown five times a second at most.</summary>
internal sealed class CmdletActivity : IActivity
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private static int _lastId;

    private readonly AsyncCmdlet _cmdlet;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly int _id = Interlocked.Increment(ref _lastId);
    private readonly bool _quiet;
    private long? _shownAt;
    private string? _shown;

    /// <summary>Must be made on the pipeline thread: it looks at the session's preferences.</summary>
    public CmdletActivity(AsyncCmdlet cmdlet, TimeProvider time)
    {
        _cmdlet = cmdlet;
        _time = time;
        if (!cmdlet.MyInvocation.BoundParameters.TryGetValue("ProgressAction", out object? wish)) wish = cmdlet.GetVariableValue("ProgressPreference");
        _quiet = LanguagePrimitives.TryConvertTo(wish, out ActionPreference preference)
            && preference is ActionPreference.SilentlyContinue or ActionPreference.Ignore;
    }

    /// <inheritdoc/>
    public void Verbose(string message) => _cmdlet.Post(() => _cmdlet.WriteVerbose(SecretRedactor.Shared.Redact(message)));

    /// <inheritdoc/>
    public void Warning(string message) => _cmdlet.Post(() => _cmdlet.WriteWarning(SecretRedactor.Shared.Redact(message)));

    /// <inheritdoc/>
    public void Error(ProdOpsException error) => _cmdlet.Post(() => _cmdlet.WriteError(ErrorMapper.ToErrorRecord(error)));

    /// <inheritdoc/>
    public void Progress(ActivityProgress progress)
    {
        if (_quiet) return;
        lock (_lock)
        {
            if (progress.Completed)
            {
                if (_shown is null) return;
                _shown = null;
                _shownAt = null;
            }
            else
            {
                if (_shownAt is { } last && _time.GetElapsedTime(last) < Interval) return;
                _shownAt = _time.GetTimestamp();
                _shown = progress.Activity;
            }
        }

        _cmdlet.Post(() => _cmdlet.WriteProgress(ToRecord(_id, progress)));
    }

    /// <summary>Takes away a progress bar that the engine left behind. Runs on the pipeline thread.</summary>
    public void Complete()
    {
        string? shown;
        lock (_lock) (shown, _shown, _shownAt) = (_shown, null, null);
        if (shown is not null) _cmdlet.WriteProgress(ToRecord(_id, new ActivityProgress(shown, "", Completed: true)));
    }

    /// <summary>PowerShell's record of a state: it throws on a percentage past 100 and on an empty text.</summary>
    internal static ProgressRecord ToRecord(int id, ActivityProgress progress)
    {
        var record = new ProgressRecord(id, Text(progress.Activity), Text(progress.Status))
        {
            RecordType = progress.Completed ? ProgressRecordType.Completed : ProgressRecordType.Processing,
        };
        if (progress.Fraction is { } fraction && double.IsFinite(fraction)) record.PercentComplete = (int)(Math.Clamp(fraction, 0, 1) * 100);
        if (progress.Remaining is { } remaining) record.SecondsRemaining = (int)Math.Clamp(remaining.TotalSeconds, 0, int.MaxValue);
        return record;
    }

    private static string Text(string text) => string.IsNullOrEmpty(text) ? " " : SecretRedactor.Shared.Redact(text);
}
