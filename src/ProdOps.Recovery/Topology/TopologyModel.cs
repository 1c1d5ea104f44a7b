namespace ProdOps.Recovery.Topology;

/// <summary>The graph of an environment, and what is looked at in it.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Graph">What needs what.</param>
/// <param name="Services">What users need.</param>
/// <param name="Data">Data that must not be lost; each needs one copy.</param>
/// <param name="Unneeded">Servers that nothing is said to need, although their roles are those of an application.</param>
internal sealed record TopologyModel(ProdOpsEnvironment Environment, TopologyGraph Graph, IReadOnlyList<TopologyNode> Services, IReadOnlyList<DataCopies> Data, IReadOnlyList<Server> Unneeded)
{
    /// <summary>What looks at the application, and the role of servers that do.</summary>
    public static IReadOnlyList<(TopologyNodeKind Kind, string Role)> Watchers { get; } = [(TopologyNodeKind.Monitor, "Monitor"), (TopologyNodeKind.LogStore, "Log")];
}

/// <summary>Data, and where copies of it are.</summary>
/// <param name="Node">Its node.</param>
/// <param name="Set">The backup set; <see langword="null"/> for a database that none backs up.</param>
/// <param name="Source">The server that it is on.</param>
/// <param name="Repositories">The repositories that it is in.</param>
internal sealed record DataCopies(TopologyNode Node, BackupSet? Set, TopologyNode Source, IReadOnlyList<RepositoryPlace> Repositories);

/// <summary>A repository, and where it lies.</summary>
/// <param name="Node">Its node.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Host">The server whose disks it lies on; <see langword="null"/> for a place that is none of the environment's.</param>
/// <param name="Site">The site that it lies in, as far as that is known.</param>
internal sealed record RepositoryPlace(TopologyNode Node, EnvironmentRepository Repository, TopologyNode? Host, string? Site);
