namespace ProdOps.LoadBalancing.Floating;

/// <summary>An address that a cloud moves between machines when its interface is asked to.</summary>
internal interface IFloatingAddress
{
    /// <summary>The address.</summary>
    string Address { get; }

    /// <summary>The provider's number of the machine that has it; <see langword="null"/> if none has.</summary>
    /// <exception cref="ProdOpsException">The provider does not answer, or refuses.</exception>
    Task<string?> ReadHolderAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Gives it to a machine, and returns when the provider says that it is there. What somebody else has begun with it is waited for first, so that this may be called again after it was cut off.
    /// </summary>
    /// <exception cref="ProdOpsException">The provider does not answer, refuses, or does not come to an end in time.</exception>
    Task MoveAsync(string machine, CancellationToken cancellationToken);
}
