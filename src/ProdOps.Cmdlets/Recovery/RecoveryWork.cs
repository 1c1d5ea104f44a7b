using ProdOps.Recovery.Execution;

namespace ProdOps.Cmdlets.Recovery;

/// <summary>A plan with all that carrying it out needs: for real or as a drill, anew or from where it was cut off.</summary>
/// <param name="Environment">The environment.</param>
/// <param name="Plan">The plan.</param>
/// <param name="Target">The host on which it is carried out.</param>
/// <param name="Steps">Its steps.</param>
/// <param name="Options">How they are done.</param>
internal sealed record RecoveryWork(ProdOpsEnvironment Environment, RecoveryPlan Plan, Server Target, IReadOnlyList<PlannedStep> Steps, ExecutionOptions Options);
