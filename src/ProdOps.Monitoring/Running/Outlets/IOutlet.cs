namespace ProdOps.Monitoring.Running.Outlets;

/// <summary>One way by which what is measured gets to others. It never holds the monitor up, and what fails is its own matter until it works again.</summary>
internal interface IOutlet
{
    /// <summary>What it is called where its trouble is told: <c>engine</c>, <c>listen</c>, <c>textfile</c>, <c>heartbeat</c>.</summary>
    string Name { get; }

    /// <summary>What is wrong; <see langword="null"/> where nothing is.</summary>
    string? Trouble { get; }

    /// <summary>Works until it is called off.</summary>
    Task RunAsync(CancellationToken cancellationToken);
}
