using System.Net;
using ProdOps.Logging.Engines;

namespace ProdOps.Logging;

internal static partial class LoggingErrors
{
    public const string EngineMisbehavesId = "LogEngineMisbehaves";

    public static ProdOpsException EngineNotSupported(LogEngine engine) => new(
        "LogEngineNotSupported", ErrorKind.NotSupported,
        $"Logs cannot be kept in {engine} yet.",
        "Set Logging.Engine of environment.psd1 to VictoriaLogs or Loki, or leave it out to keep logs in a store of your own.") { Target = engine };

    public static ProdOpsException EngineAddressInvalid(string? url) => new(
        "LogEngineAddressInvalid", ErrorKind.InvalidArgument,
        $"'{EngineText.Clean(url ?? "")}' is no address of an engine for logs.",
        "Write where it listens as Logging.Url of environment.psd1: http://logs:9428, https://logs.example.org/loki.") { Target = url };

    public static ProdOpsException EngineHasNoState() => new(
        "LogEngineStateMissing", ErrorKind.InvalidOperation,
        "There is no folder to note in how far logs were collected: you have no home folder.",
        "Set XDG_STATE_HOME to the full path of a folder of your own.");

    public static ProdOpsException EngineStateNotWritten(string path, Exception cause) => new(
        "LogEngineStateWriteFailed", ErrorKind.WriteError,
        $"How far logs were collected cannot be noted in '{path}': {cause.Message}",
        "Give it room, or the rights to write there. The engine has the lines already: they will be there twice when they are collected again.", cause) { Target = path };

    public static ProdOpsException EngineStateDamaged(string path, Exception? cause) => new(
        "LogEngineStateDamaged", ErrorKind.InvalidData,
        $"What '{path}' says of how far logs were collected cannot be read.",
        "Remove the file to collect what is there from its beginning; lines that the engine has already will be there twice.", cause) { Target = path };

    public static ProdOpsException EngineCaUnreadable(string path, Exception cause) => new(
        "LogEngineCaCertificateUnreadable", ErrorKind.ReadError,
        $"The certificates in '{path}' cannot be read: {cause.Message}",
        "Logging.CaCertificate of environment.psd1 must name a PEM file with the authority that signed the engine's certificate.", cause) { Target = path };

    public static EngineTroubleException EngineUnreachable(string url, string reason, bool isConnecting, Exception? cause) => new(
        "LogEngineUnreachable", ErrorKind.ResourceUnavailable,
        $"The engine at {url} cannot be reached: {reason}",
        "See whether it runs and listens there, and whether a firewall is between: Logging.Url of environment.psd1 says where it is.", cause) { Target = url, MayHaveArrived = !isConnecting };

    public static EngineTroubleException EngineSilent(string url, TimeSpan silence) => new(
        "LogEngineSilent", ErrorKind.Timeout,
        $"The engine at {url} said nothing for {silence.TotalSeconds:0} s.",
        "It may be overloaded, or the search too large: look at less at once (-Last, -Server, -Source).") { Target = url, MayHaveArrived = true };

    public static EngineTroubleException EngineBusy(string url, string answer, TimeSpan? retryAfter) => new(
        "LogEngineBusy", ErrorKind.ResourceBusy,
        $"The engine at {url} cannot answer now: {answer}",
        "Try again later; its own log says what keeps it.") { Target = url, RetryAfter = retryAfter, MayHaveArrived = true };

    public static ProdOpsException EngineLoginFailed(string url, bool hasLogin) => new(
        "LogEngineLoginFailed", ErrorKind.Authentication,
        hasLogin ? $"The engine at {url} does not accept the login." : $"The engine at {url} wants a login.",
        "Logging.User and Password, or Token, of environment.psd1 say who asks.") { Target = url };

    public static ProdOpsException EngineDenied(string url, string answer) => new(
        "LogEngineDenied", ErrorKind.PermissionDenied,
        $"The engine at {url} does not allow it: {answer}",
        "Give the user of Logging.User, or the token, the right to write and to search logs.") { Target = url };

    public static ProdOpsException EngineNotTrusted(string url, string reason, Exception? cause) => new(
        "LogEngineNotTrusted", ErrorKind.Authentication,
        $"The certificate of the engine at {url} is not trusted: {reason}",
        "If an authority of your own signed it, name its PEM file as Logging.CaCertificate of environment.psd1.", cause) { Target = url };

    public static EngineRefusalException EngineRefused(string url, string answer, HttpStatusCode status, string own) => new(
        "LogEngineRefused", ErrorKind.InvalidOperation,
        $"The engine at {url} refuses: {answer}",
        "Its limits may be too low for what was asked; look at less at once (-Last, -Server, -Source), or raise them in its configuration.", status, own) { Target = url };

    public static ProdOpsException EngineMomentTooFull(string url, DateTimeOffset moment, int most) => new(
        "LogEngineMomentTooFull", ErrorKind.InvalidOperation,
        $"The engine at {url} has more than {most} lines of the moment {moment:o}, and gives no more at once.",
        "Look at fewer sources at once (-Server, -Source), or raise max_entries_limit_per_query in its configuration.") { Target = url };

    public static ProdOpsException EngineMisbehaves(string url, string what) => new(
        EngineMisbehavesId, ErrorKind.InvalidData,
        $"The engine at {url} does not answer as it should: {what}",
        "See whether Logging.Url and Logging.Engine of environment.psd1 name what is there; a proxy between may answer in its place.") { Target = url };

    public static ProdOpsException EngineCannot(LogEngine engine, string what) => new(
        "LogEngineCannot", ErrorKind.NotSupported,
        $"{what} cannot be carried out by {engine}.",
        "Leave it out, or name a store with -Store.") { Target = engine };
}
