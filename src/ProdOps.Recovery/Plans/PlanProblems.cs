using ProdOps.Servers.Inventory;
using ProdOps.Servers.Inventory.Data;

namespace ProdOps.Recovery.Plans;

/// <summary>The catalogue of what can be wrong in a recovery plan's file, beside what can be wrong in any data file. Messages never hold a secret.</summary>
internal static class PlanProblems
{
    public static EnvironmentProblem StepSort(SourcePosition position, string step, IEnumerable<string> keys) => new(
        "PlanStepKind", position, $"The step '{step}' must say what it does with exactly one key.", $"Give it one of {string.Join(", ", keys)}, or Verify alone.");

    public static EnvironmentProblem CheckSort(SourcePosition position, IEnumerable<string> keys) => new(
        "PlanCheckKind", position, "A check must say what it looks at with exactly one key.", $"Give it one of {string.Join(", ", keys)}.");

    public static EnvironmentProblem KeyOfOtherKind(SourcePosition position, string step, string key, RecoveryStepKind kind) => new(
        "PlanKeyUnused", position, $"The step '{step}' is a {kind}, which has no use for '{key}'.", "Remove the key, or give it to the step it is meant for.");

    public static EnvironmentProblem KeyMissing(SourcePosition position, string step, string key, string kind) => new(
        "MissingKey", position, $"The step '{step}' is a {kind} and lacks the key '{key}'.", $"Add {key} = …");

    public static EnvironmentProblem FileContent(SourcePosition position, string path) => new(
        "PlanFileContent", position, $"The file '{path}' must say what is in it with exactly one key.", "Give it one of Content, Source, Secret and Link.");

    public static EnvironmentProblem DuplicateStep(SourcePosition position, string step, SourcePosition first) => new(
        "PlanDuplicateStep", position, $"Two steps are called '{step}', the first in line {first.Line}.", "Give one of them another name.");

    public static EnvironmentProblem UnknownStep(SourcePosition position, string step, string name, string? near) => new(
        "PlanUnknownStep", position, $"'{step}' waits for '{name}', which no step is called." + (near is null ? "" : $" Did you mean '{near}'?"), near is null ? "Name a step of this plan." : $"Write '{near}'.");

    public static EnvironmentProblem StepCycle(SourcePosition position, IReadOnlyList<string> path) => new(
        "PlanStepCycle", position, $"These steps wait for each other in a circle: {string.Join(" → ", path.Count <= 12 ? path : [.. path.Take(6), "…", .. path.TakeLast(3)])}.", "Remove one of the dependencies: something has to be first.");

    public static EnvironmentProblem Unknown(SourcePosition position, string step, string what, string name, string? near) => new(
        "PlanReferenceUnknown", position, $"'{step}' names the {what} '{name}', which the environment does not have." + (near is null ? "" : $" Did you mean '{near}'?"), near is null ? $"Name a {what} of the environment." : $"Write '{near}'.");

    public static EnvironmentProblem SourceMissing(SourcePosition position, string step, string path) => new(
        "PlanSourceMissing", position, $"'{step}' takes a file from '{path}', where there is none.", "Relative paths are below the folder of the plan's file.");
}
