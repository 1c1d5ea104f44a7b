namespace ProdOps.Recovery;

internal static partial class RecoveryErrors
{
    public static ProdOpsException TimelineWindowInvalid(string why) => new(
        "TimelineWindowInvalid", ErrorKind.InvalidArgument, $"That is no time: {why}.", "Give -Around with -Window, or -After and -Before, or -Last.");

    public static ProdOpsException NoSymptom(DateTimeOffset from, DateTimeOffset to) => new(
        "TimelineNoSymptom", ErrorKind.NotFound,
        FormattableString.Invariant($"Nothing from {from:yyyy-MM-dd HH:mm:ss zzz} to {to:yyyy-MM-dd HH:mm:ss zzz} says that anything was wrong: no check, no incident, no new line of a log that is a warning."),
        "Say when it began by -Symptom, or look at a longer time.");
}
