namespace ProdOps.Recovery;

internal static partial class RecoveryErrors
{
    public static ProdOpsException ConsolePortTaken(int port, Exception cause) => new(
        "ConsolePortTaken", ErrorKind.ResourceBusy, port == 0 ? $"No port of this machine's loopback addresses can be had: {cause.Message}" : FormattableString.Invariant($"The port {port} of this machine's loopback addresses cannot be had: {cause.Message}"),
        "Leave -Port out for one that is free, or give another.", cause) { Target = port };

    public static ProdOpsException ConsoleTokenShort(int least) => new(
        "ConsoleTokenShort", ErrorKind.InvalidArgument, FormattableString.Invariant($"The console's token has to have at least {least} characters: who guesses it reads what servers and logs say."), "Leave -Token out, and a new one is made each time.");

    public static ProdOpsException ConsoleTimeInvalid(string text) => new(
        "ConsoleTimeInvalid", ErrorKind.InvalidArgument, $"'{text}' is no time that could be shown.", "Choose a length such as 24h or 7d, or a moment and a later one.");

    public static ProdOpsException ConsoleDurationInvalid(string text) => new(
        "ConsoleDurationInvalid", ErrorKind.InvalidArgument, $"'{text}' is no duration, or longer than ten years.", "Choose one such as 30m or 4h.");

    public static ProdOpsException ConsoleNobody() => new(
        "ConsoleNobody", ErrorKind.InvalidArgument, "Nobody is named who does it.", "Say who: the others see it, and it is kept.");

    public static ProdOpsException ConsoleServerMissing(string text) => new(
        "ConsoleServerMissing", ErrorKind.NotFound, text.Length == 0 ? "No server is named." : $"No server that is known is '{text}'.", "Name servers as the environment calls them, with wildcards, role:App or group:blue; * for all.");
}
