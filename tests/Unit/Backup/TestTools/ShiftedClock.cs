namespace ProdOps.Backup.Tests.TestTools;

/// <summary>The real clock, whose wall time a test may set as an admin or a time server would; timers and the steady clock go on.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Offset { get; set; }

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + Offset;
}
