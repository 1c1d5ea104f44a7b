using System.Management.Automation;

namespace ProdOps.Cmdlets.Tests;

/// <summary>The tests of this class share the probe's state: xunit runs them one after another.</summary>
public sealed class AsyncCmdletTests : IDisposable
{
    private readonly Engine _engine = Engine.WithProbe();

    public AsyncCmdletTests() => _engine.Run("[ProdOps.Shell.Probe.ProbeState]::Reset()");

    public void Dispose() => _engine.Dispose();

    [Fact]
    public void A_consumer_that_has_enough_cancels_the_work()
    {
        Assert.Equal(1, _engine.Run("Get-ProbeStream | Select-ProbeFirst").Single().BaseObject);
        AssertCancelled();
    }

    [Fact]
    public void Stopping_a_command_that_waits_ends_it_at_once()
    {
        using var shell = _engine.Shell("Get-ProbeStream -Blocked");
        var output = new PSDataCollection<PSObject>();
        using var started = new ManualResetEventSlim();
        output.DataAdded += (_, _) => started.Set();
        var running = shell.BeginInvoke<PSObject, PSObject>(null, output);
        Assert.True(started.Wait(TimeSpan.FromSeconds(20)));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        shell.Stop();
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"Stopping took {clock.Elapsed}.");
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.True(running.IsCompleted);
        AssertCancelled();
    }

    [Fact]
    public void An_error_that_is_to_stop_the_script_stops_the_work()
    {
        using var shell = _engine.Shell("1, 2 | Write-ProbeStreams -ErrorAction Stop");
        var failure = Assert.Throws<ActionPreferenceStopException>(() => shell.Invoke());
        Assert.Equal("ProbeFailed,ProdOps.Shell.Probe.WriteProbeStreamsCommand", failure.ErrorRecord.FullyQualifiedErrorId);
    }

    [Fact]
    public void Every_stream_arrives_in_order_and_on_its_own_channel()
    {
        using var shell = _engine.Shell("$VerbosePreference = 'Continue'; 1, 2 | Write-ProbeStreams *>&1");
        var output = shell.Invoke().Select(item => item.BaseObject switch
        {
            VerboseRecord verbose => "verbose " + verbose.Message,
            WarningRecord warning => "warning " + warning.Message,
            ErrorRecord error => "error " + error.Exception.Message,
            var other => other.ToString(),
        });
        Assert.Equal(["begin", "verbose before 1", "1", "warning after 1", "error 1 failed.", "verbose before 2", "2", "warning after 2", "error 2 failed.", "end"], output);
    }

    [Fact]
    public void Progress_past_the_end_is_clamped_and_always_completed()
    {
        using var shell = _engine.Shell("1 | Write-ProbeStreams 2>$null 3>$null");
        shell.Invoke();
        Assert.Equal([(100, ProgressRecordType.Processing), (-1, ProgressRecordType.Completed)], shell.Streams.Progress.Select(record => (record.PercentComplete, record.RecordType)));
    }

    [Theory]
    [InlineData("$ProgressPreference = 'SilentlyContinue'; 1 | Write-ProbeStreams 2>$null 3>$null")]
    [InlineData("1 | Write-ProbeStreams -ProgressAction SilentlyContinue 2>$null 3>$null")]
    public void Progress_is_not_even_made_when_nobody_wants_it(string script)
    {
        using var shell = _engine.Shell(script);
        shell.Invoke();
        Assert.Empty(shell.Streams.Progress);
    }

    [Fact]
    public void An_error_of_the_catalogue_keeps_its_id_kind_target_and_advice()
    {
        using var shell = _engine.Shell("'disk' | Write-ProbeStreams 3>$null");
        shell.Invoke();
        var record = shell.Streams.Error.Single();
        Assert.Equal("ProbeFailed,ProdOps.Shell.Probe.WriteProbeStreamsCommand", record.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.ResourceBusy, record.CategoryInfo.Category);
        Assert.Equal("disk", record.TargetObject is PSObject wrapped ? wrapped.BaseObject : record.TargetObject);
        Assert.Equal("Wait.", record.ErrorDetails.RecommendedAction);
    }

    [Theory]
    [InlineData("[System.InvalidCastException]::new('x')", "UnexpectedError", ErrorCategory.NotSpecified)]
    [InlineData("[System.UnauthorizedAccessException]::new('x')", "AccessDenied", ErrorCategory.PermissionDenied)]
    [InlineData("[System.OperationCanceledException]::new('x')", "OperationCanceled", ErrorCategory.OperationStopped)]
    [InlineData("[System.AggregateException]::new([System.TimeoutException]::new('x'))", "OperationTimedOut", ErrorCategory.OperationTimeout)]
    [InlineData("[ProdOps.ProdOpsException]::new('RepositoryNotFound', 'NotFound', 'x')", "RepositoryNotFound", ErrorCategory.ObjectNotFound)]
    public void A_failure_ends_the_command_with_a_stable_id(string exception, string id, ErrorCategory category)
    {
        using var shell = _engine.Shell($"Invoke-ProbeFailure -Exception ({exception})");
        Assert.Empty(shell.Invoke());
        var record = shell.Streams.Error.Single();
        Assert.Equal(id + ",ProdOps.Shell.Probe.InvokeProbeFailureCommand", record.FullyQualifiedErrorId);
        Assert.Equal(category, record.CategoryInfo.Category);
    }

    [Fact]
    public void WhatIf_is_asked_on_the_pipeline_thread() =>
        Assert.Equal("spared", _engine.Run("Invoke-ProbeFailure -Exception ([System.Exception]::new()) -WhatIf").Single().BaseObject);

    private void AssertCancelled()
    {
        Assert.Equal(true, _engine.Run("[ProdOps.Shell.Probe.ProbeState]::WaitCancelled(5000)").Single().BaseObject);
        Assert.Equal(1, _engine.Run("[ProdOps.Shell.Probe.ProbeState]::Released").Single().BaseObject);
    }
}
