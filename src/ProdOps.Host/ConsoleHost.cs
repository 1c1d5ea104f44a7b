using System.Globalization;
using System.Management.Automation.Host;

namespace ProdOps.Host;

/// <summary>The engine's host: a console nobody sits at.</summary>
internal sealed class ConsoleHost(ConsoleUI ui) : PSHost
{
    public override CultureInfo CurrentCulture { get; } = CultureInfo.CurrentCulture;

    public override CultureInfo CurrentUICulture { get; } = CultureInfo.CurrentUICulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "ProdOps";

    public override PSHostUserInterface UI => ui;

    public override Version Version { get; } = typeof(ConsoleHost).Assembly.GetName().Version ?? new Version(0, 1);

    /// <summary>The code of the script's <c>exit</c>, or null while there was none.</summary>
    public int? ExitCode { get; private set; }

    public override void EnterNestedPrompt() => throw ConsoleUI.NonInteractive();

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode) => ExitCode = exitCode;
}
