namespace ProdOps.Recovery.Consoles;

/// <summary>Asks what is costly to ask again only when a while has passed, however often it is looked at; failures are no answers and are tried again. One at a time.</summary>
/// <param name="interval">How long an answer is one.</param>
/// <param name="time">The clock.</param>
internal sealed class Seldom<T>(TimeSpan interval, TimeProvider time)
    where T : class
{
    private T? _answer;
    private long _asked;

    public async Task<T> GetAsync(Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        if (_answer is { } known && time.GetElapsedTime(_asked) < interval) return known;
        _answer = await ask(cancellationToken).ConfigureAwait(false);
        _asked = time.GetTimestamp();
        return _answer;
    }
}
