using System.Globalization;
using ProdOps.Monitoring.States;
using ProdOps.Servers.Commands;
using ProdOps.Servers.Secrets;

namespace ProdOps.Monitoring.Running;

/// <summary>How something that was done ended.</summary>
internal readonly record struct ActionOutcome(int? ExitCode, string Output);

/// <summary>Does what is to be done about a problem: a command, on the server or elsewhere.</summary>
/// <param name="open">Connects to a server by its name; empty for this machine.</param>
/// <param name="time">The clock.</param>
internal sealed class ActionRunner(Func<string, CancellationToken, Task<IServerShell>> open, TimeProvider time)
{
    private const int MostOutput = 1024 * 1024, MostKept = 4096;

    /// <summary>Does it. That it fails is an outcome and no exception.</summary>
    public async Task<ActionOutcome> RunAsync(HealthAction action, ActionBegun begun, double? value, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(action.Timeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            var shell = await open(action.RunOn.Length == 0 ? begun.Key.Server : action.RunOn, limit.Token).ConfigureAwait(false);
            var output = await shell.RunAsync(Command(action, begun, value), new CommandRunOptions { MaximumOutput = MostOutput }, limit.Token).ConfigureAwait(false);
            return new ActionOutcome(output.Exit.Code, Kept(output.Text + output.ErrorText, action.IsDiagnosis));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ActionOutcome(null, $"It did not end within {HealthThreshold.Format(action.Timeout.TotalSeconds, "s")}, and was ended.");
        }
        catch (ProdOpsException error)
        {
            return new ActionOutcome(null, error.Message);
        }
    }

    private static ServerCommand Command(HealthAction action, ActionBegun begun, double? value)
    {
        (string Name, string Value)[] variables =
        [
            ("PRODOPS_SERVER", begun.Key.Server), ("PRODOPS_CHECK", begun.Key.Rule), ("PRODOPS_INSTANCE", begun.Key.Instance ?? ""),
            ("PRODOPS_STATE", begun.State.ToString()), ("PRODOPS_VALUE", value?.ToString("R", CultureInfo.InvariantCulture) ?? ""),
        ];
        string set = string.Concat(variables.Select(static variable => $"{variable.Name}={ShellQuote.Word(variable.Value)}; export {variable.Name}\n"));
        return new ServerCommand(set + action.Command) { AsRoot = action.AsRoot };
    }

    /// <summary>
    /// What is kept, and told: no secret that is known, and nothing that a terminal would take for a command. What went wrong stands at the end; what was looked for, at the beginning.
    /// </summary>
    private static string Kept(string output, bool isDiagnosis)
    {
        string text = string.Create(output.Length, output, static (clean, source) =>
        {
            for (int i = 0; i < clean.Length; i++) clean[i] = char.IsControl(source[i]) && source[i] != '\n' ? ' ' : source[i];
        }).Trim('\n', ' ');
        text = SecretRedactor.Shared.Redact(text);
        return text.Length <= MostKept ? text : isDiagnosis ? text[..MostKept] + "…" : "…" + text[^MostKept..];
    }
}
