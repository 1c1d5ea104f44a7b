namespace ProdOps.Benchmarks.Measurement;

/// <summary>A clock that stands until it is set.</summary>
internal sealed class SteppedTime : TimeProvider
{
    public DateTimeOffset Now { get; set; }

    public override DateTimeOffset GetUtcNow() => Now;
}
