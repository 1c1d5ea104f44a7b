namespace ProdOps.Logging.Engines;

/// <summary>Sends entries to an engine.</summary>
internal interface IEnginePush
{
    /// <summary>Sends a batch and returns when the engine has acknowledged all of it.</summary>
    /// <param name="batch">The entries.</param>
    /// <param name="note">What was returned for the source's batch before, or <see langword="null"/>.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>What must be known to send the source's next batch; kept with the checkpoint.</returns>
    /// <exception cref="ProdOpsException">It has not. Part of it may be there.</exception>
    Task<string?> PushAsync(CutBatch batch, string? note, CancellationToken cancellationToken);
}
