using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Recovery.Execution.Steps;

/// <summary>A command is run, unless it need not be.</summary>
internal sealed class CommandWork(StepContext context) : StepWork(context)
{
    public override bool IsIdempotent => Step.Unless is not null || Step.OnlyIf is not null;

    public override bool HasJob => true;

    public override async Task<IReadOnlyList<string>> LookAsync(CancellationToken cancellationToken)
    {
        if (Step.Unless is { } unless && await SaysYesAsync(unless, cancellationToken).ConfigureAwait(false)) return [];
        if (Step.OnlyIf is { } onlyIf && !await SaysYesAsync(onlyIf, cancellationToken).ConfigureAwait(false)) return [];
        string first = SecretRedactor.Shared.Redact(Step.Text.Trim().Split('\n')[0]);
        return [$"runs {(first.Length > 100 ? first[..100] + "…" : first)}"];
    }

    public override Task<string> ActAsync(IReadOnlyList<string> missing, CancellationToken cancellationToken) => Context.JobAsync(Step.Text, Step.Secrets, cancellationToken);

    private async Task<bool> SaysYesAsync(string question, CancellationToken cancellationToken)
    {
        var shell = await Context.OpenAsync(cancellationToken).ConfigureAwait(false);
        return (await shell.RunAsync(new ServerCommand(question) { AsRoot = Step.AsRoot, Idempotent = true }, cancellationToken).ConfigureAwait(false)).Exit.Succeeded;
    }
}
