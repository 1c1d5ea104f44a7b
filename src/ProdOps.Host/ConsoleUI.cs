using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace ProdOps.Host;

/// <summary>Writes what the engine shows: output to standard output; errors, warnings and progress to standard error. Never asks.</summary>
internal sealed class ConsoleUI : PSHostUserInterface
{
    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _outputHasColours;
    private readonly bool _errorHasColours;
    private readonly ProgressLine? _progress;
    private readonly Lock _lock = new();

    public ConsoleUI(TextWriter output, TextWriter error)
    {
        _output = output;
        _error = error;
        bool colours = Environment.GetEnvironmentVariable("NO_COLOR") is null or "" && Environment.GetEnvironmentVariable("TERM") != "dumb";
        _outputHasColours = colours && !Console.IsOutputRedirected;
        _errorHasColours = colours && !Console.IsErrorRedirected;
        _progress = Console.IsErrorRedirected || Environment.GetEnvironmentVariable("TERM") == "dumb" ? null : new ProgressLine(error);
    }

    /// <summary>True once an error was shown.</summary>
    public bool ErrorsWritten { get; private set; }

    public override PSHostRawUserInterface RawUI { get; } = new ConsoleRawUI();

    public override bool SupportsVirtualTerminal => _outputHasColours;

    public static PSInvalidOperationException NonInteractive() => new("prodops never asks: give the answer as a parameter (-Confirm:$false, -Force, a password file).");

    public override void Write(string value) => WriteOutput(value, newLine: false);

    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => WriteOutput(value, newLine: false);

    public override void WriteLine(string value) => WriteOutput(value, newLine: true);

    public override void WriteErrorLine(string value)
    {
        ErrorsWritten = true;
        WriteError(value);
    }

    public override void WriteDebugLine(string message) => WriteError("DEBUG: " + message);

    public override void WriteVerboseLine(string message) => WriteError("VERBOSE: " + message);

    public override void WriteWarningLine(string message) => WriteError("WARNING: " + message);

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (_progress is null) return;
        lock (_lock) _progress.Show(record);
    }

    /// <summary>Writes a line of machine-readable output.</summary>
    public void WriteRaw(ReadOnlySpan<char> line)
    {
        lock (_lock)
        {
            _progress?.Clear();
            _output.Write(line);
            _output.Write('\n');
            _output.Flush();
        }
    }

    /// <summary>Takes the progress line away.</summary>
    public void Finish()
    {
        lock (_lock) _progress?.Clear();
    }

    public override string ReadLine() => throw NonInteractive();

    public override SecureString ReadLineAsSecureString() => throw NonInteractive();

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw NonInteractive();

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw NonInteractive();

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw NonInteractive();

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw NonInteractive();

    private void WriteOutput(string value, bool newLine)
    {
        lock (_lock)
        {
            _progress?.Clear();
            _output.Write(GetOutputString(value ?? "", _outputHasColours));
            if (newLine) _output.Write('\n');
            _output.Flush();
        }
    }

    private void WriteError(string value)
    {
        lock (_lock)
        {
            _progress?.Clear();
            _error.Write(GetOutputString(value ?? "", _errorHasColours));
            _error.Write('\n');
            _error.Flush();
        }
    }
}
