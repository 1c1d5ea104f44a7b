namespace ProdOps.Recovery;

internal static partial class RecoveryErrors
{
    public static ProdOpsException ScenarioOfNoServer(RecoveryScenario scenario) => new(
        "ScenarioOfNoServer", ErrorKind.NotSupported,
        $"A plan for {scenario} cannot be made from a look at a server.",
        "Write it by hand: a plan is a data file beside the environment's, plans/NAME.recovery.psd1.") { Target = scenario };

    public static ProdOpsException PlanNameOfMany(string name, int servers) => new(
        "PlanNameOfMany", ErrorKind.InvalidArgument,
        $"'{name}' would be the name of the plans of {servers} servers.",
        "Leave -Name out: each plan is called after its server.") { Target = name };

    public static ProdOpsException ServerOfNoEnvironment(string server, string path) => new(
        "ServerOfNoEnvironment", ErrorKind.InvalidArgument,
        $"The server '{server}' is not one of {path}, and a plan is for a server of the environment.",
        "Write the server down in the environment's file first.") { Target = server };

    public static ProdOpsException RepositoryElsewhere(string server, IReadOnlyList<string> places) => new(
        "RepositoryElsewhere", ErrorKind.InvalidArgument,
        $"None of the environment's repositories is on '{server}'" + (places.Count == 0 ? "." : $": {string.Join("; ", places)}."),
        "Name the server that has it; of a server that is lost while its repository is, the usual plan restores from the repository of CopyTo.") { Target = server };
}
