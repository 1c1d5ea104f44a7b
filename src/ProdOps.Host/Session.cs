using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace ProdOps.Host;

/// <summary>One run of one script in an engine with ProdOps loaded.</summary>
internal sealed class Session : IDisposable
{
    private const string ScriptFunction = "prodops-script";

    private readonly ConsoleUI _ui;
    private readonly ConsoleHost _host;
    private readonly Runspace _runspace;
    private readonly PowerShell _shell;

    private Session(ConsoleUI ui, string manifest)
    {
        _ui = ui;
        _host = new ConsoleHost(ui);
        var state = InitialSessionState.CreateDefault2();
        // Looking through every module on the machine for an unknown command costs seconds; scripts here import what they use.
        state.Variables.Add(new SessionStateVariableEntry("PSModuleAutoLoadingPreference", "None", ""));
        _runspace = RunspaceFactory.CreateRunspace(_host, state);
        _runspace.ThreadOptions = PSThreadOptions.UseCurrentThread;
        _runspace.Open();
        _runspace.SessionStateProxy.InvokeCommand.CommandNotFoundAction += MissingCommands.Explain;
        _shell = PowerShell.Create(_runspace);
        _shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("ErrorAction", ActionPreference.Stop);
        _shell.Invoke();
        _shell.Commands.Clear();
    }

    public static Session Open(ConsoleUI ui, string manifest) => new(ui, manifest);

    /// <summary>Stops the script as Ctrl+C does. May be called from any thread, more than once.</summary>
    public void Stop() => _shell.BeginStop(null, null);

    /// <summary>Runs the script that the options name and returns the process's exit code.</summary>
    public int Run(HostOptions options, string script)
    {
        bool failed = false;
        try
        {
            if (options.File is { } file) AddFile(file, options.Arguments);
            else _shell.AddScript(script, useLocalScope: false);
            if (options.Output == OutputFormat.Text) RunToConsole();
            else RunToSink(options.Output == OutputFormat.Json ? value => _ui.WriteRaw(ObjectJson.Serialize(value)) : static _ => { });
        }
        catch (RuntimeException exception) when (exception is not PipelineStoppedException)
        {
            failed = true;
            ShowError(exception.ErrorRecord);
        }
        catch (Exception exception) when (exception is PipelineStoppedException or InvalidPowerShellStateException)
        {
            // Stopped, in the second case before the script had begun.
            failed = true;
        }
        finally
        {
            _ui.Finish();
        }

        return _host.ExitCode ?? (failed || _ui.ErrorsWritten || _shell.InvocationStateInfo.State == PSInvocationState.Failed ? 1 : 0);
    }

    public void Dispose()
    {
        _shell.Dispose();
        _runspace.Dispose();
    }

    private void RunToConsole()
    {
        // As pwsh does: errors join the output, so that the formatter shows both in the order they came.
        _shell.Commands.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        _shell.AddCommand("Out-Default");
        _shell.Invoke();
    }

    private void RunToSink(Action<PSObject?> sink)
    {
        var output = new PSDataCollection<PSObject>();
        output.DataAdding += (_, added) => sink((PSObject?)added.ItemAdded);
        _shell.Streams.Error.DataAdding += (_, added) => _ui.WriteErrorLine(ErrorText.Of((ErrorRecord)added.ItemAdded));
        _shell.Invoke(null, output);
    }

    private void ShowError(ErrorRecord record) => _ui.WriteErrorLine(ErrorText.Of(record));

    /// <summary>
    /// Adds the script as a function made of its file. As an external script its <c>exit n</c> would end only itself and leave
    /// nothing but a variable that native commands set too; a function's ends the run with that code.
    /// </summary>
    private void AddFile(string file, IReadOnlyList<string> arguments)
    {
        var script = Parser.ParseFile(Path.GetFullPath(file), out _, out var errors);
        if (errors.Length > 0) throw new ParseException($"{file}:{errors[0].Extent.StartLineNumber}: {errors[0].Message}");
        _shell.AddScript($"param($Body) ${{function:global:{ScriptFunction}}} = $Body", useLocalScope: true).AddArgument(script.GetScriptBlock());
        _shell.Invoke();
        _shell.Commands.Clear();

        var command = new Command(ScriptFunction, isScript: false, useLocalScope: false);
        foreach (string argument in arguments) command.Parameters.Add(ScriptArgument.Parse(argument));
        _shell.Commands.AddCommand(command);
    }
}
