using System.Management.Automation;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using ProdOps.Host;

const int BadUsage = 64;

var options = HostOptions.Parse(args);
using var output = Writer(Console.OpenStandardOutput());
using var error = Writer(Console.OpenStandardError());

if (options.Error is not null)
{
    error.Write($"prodops: {options.Error}\n\n{HostOptions.Usage}");
    return BadUsage;
}

if (options.ShowHelp)
{
    output.Write(HostOptions.Usage);
    return 0;
}

if (options.ShowVersion)
{
    output.Write($"ProdOps {VersionOf(Assembly.GetExecutingAssembly())}\nPowerShell engine {VersionOf(typeof(PSObject).Assembly)}\n");
    return 0;
}

if (options.File is { } file && !File.Exists(file))
{
    error.Write($"prodops: there is no script at '{file}'.\n");
    return BadUsage;
}

if (ModuleFinder.Find() is not { } manifest)
{
    error.Write($"prodops: the ProdOps module was not found. Build it (dotnet build ProdOps.sln) or name its folder in {ModuleFinder.Variable}.\n");
    return 1;
}

if (options.ReadsInput && options.Command is null && !Console.IsInputRedirected)
{
    error.Write(HostOptions.Usage);
    return BadUsage;
}

// The engine would otherwise report module names to its makers.
Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
// A script that says "Import-Module ProdOps", as scripts for PowerShell do, gets the module that is loaded already.
Environment.SetEnvironmentVariable("PSModulePath", string.Join(Path.PathSeparator,
    [Path.GetDirectoryName(Path.GetDirectoryName(manifest))!, .. (Environment.GetEnvironmentVariable("PSModulePath") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)]));

string script = options.ReadsInput ? new StreamReader(Console.OpenStandardInput(), Encoding.UTF8).ReadToEnd() : options.Command ?? "";
var ui = new ConsoleUI(output, error);
Session session;
try
{
    session = Session.Open(ui, manifest);
}
catch (RuntimeException exception)
{
    error.Write($"prodops: the module '{manifest}' cannot be loaded. {exception.Message}\n");
    return 1;
}

using var lifetime = session;
int? signal = null;
using var interrupt = Handle(PosixSignal.SIGINT, 2);
using var terminate = Handle(PosixSignal.SIGTERM, 15);

using var garbage = new GarbageTimer();
int code = session.Run(options, script);
return signal is { } number ? 128 + number : code;

// The first signal stops the pipeline, which ends as Ctrl+C in a shell ends it; a second one is the system's to handle.
PosixSignalRegistration Handle(PosixSignal posix, int number) => PosixSignalRegistration.Create(posix, context =>
{
    if (signal is not null) return;
    signal = number;
    context.Cancel = true;
    session.Stop();
});

static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(false), 4096) { AutoFlush = false };

static string VersionOf(Assembly assembly) =>
    assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? assembly.GetName().Version?.ToString() ?? "";
