namespace ProdOps.Cmdlets.Tests;

/// <summary>Durations as people write them.</summary>
public sealed class DurationTests : IDisposable
{
    private readonly Engine _engine = new();

    public void Dispose() => _engine.Dispose();

    [Theory]
    [InlineData("Start-LogReceiver -Udp 0 -For 60d", "60d is too long: 49d at most.")]
    [InlineData("Watch-Log -For ([timespan]::FromDays(50))", "50d is too long: 49d at most.")]
    [InlineData("Watch-HealthStatus -Interval '60.00:00:00'", "60d is too long: 49d at most.")]
    [InlineData("Start-HealthMonitor -For 2000h", "83d8h is too long: 49d at most.")]
    [InlineData("Start-ProdOpsConsole -For 50d", "50d is too long: 49d at most.")]
    [InlineData("Search-Log x -Last 1000000d", "1000000d is too long: 36500d at most.")]
    [InlineData("Get-HealthEvent -Last 1000000d", "1000000d is too long: 36500d at most.")]
    [InlineData("Get-Timeline -Last ([timespan]::MaxValue)", "is too long: 36500d at most.")]
    public void What_nobody_can_wait_for_or_reckon_with_is_refused_in_words(string command, string why)
    {
        using var shell = _engine.Shell(command);
        shell.Invoke();
        var refused = Assert.Single(shell.Streams.Error);
        Assert.StartsWith("ParameterArgumentTransformationError", refused.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains(why, refused.Exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Invoke-ServerCommand 'true' -TimeoutSec 4000001")]
    [InlineData("Invoke-RollingUpdate web -Command 'true' -TimeoutSec 4000001")]
    public void Seconds_are_refused_likewise(string command)
    {
        using var shell = _engine.Shell(command);
        shell.Invoke();
        Assert.StartsWith("ParameterArgumentValidationError", Assert.Single(shell.Streams.Error).FullyQualifiedErrorId, StringComparison.Ordinal);
    }
}
