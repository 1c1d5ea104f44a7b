using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Readiness.Gathering;

/// <summary>Gathers something that may fail in any way without keeping anything else from being gathered.</summary>
internal static class Guard
{
    /// <summary>What was gathered, or why it could not be. Nothing is thrown but that the command was stopped.</summary>
    public static async Task<Fact<T>> TryAsync<T>(Func<Task<T>> gather, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return Fact<T>.Of(await gather().ConfigureAwait(false));
        }
        // Stores of other versions, damaged files, rights: whatever it is, it is told as the reason, and never taken for evidence.
        catch (Exception error) when (error is not OutOfMemoryException && !cancellationToken.IsCancellationRequested)
        {
            return Fact<T>.Unknown(SecretRedactor.Shared.Redact(error.Message));
        }
    }

    /// <inheritdoc cref="TryAsync"/>
    public static Task<Fact<T>> Try<T>(Func<T> gather, CancellationToken cancellationToken)
        where T : class => TryAsync(() => Task.Run(gather, cancellationToken), cancellationToken);
}
