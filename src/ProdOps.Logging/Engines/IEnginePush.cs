namespace ProdOps.Logging.Engines;

/// <summary>Sends entries to an engine.</summary>
internal interface IEnginePush
{
    /// <summary>Sends a batch and returns when the engine has acknowledged all of it.</summary>
    /// <exception cref="ProdOpsException">It has not. Part of it may be there.</exception>
    Task PushAsync(CutBatch batch, CancellationToken cancellationToken);
}
