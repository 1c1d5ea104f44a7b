using ProdOps.Logging.Collecting;
using ProdOps.Logging.Store;

namespace ProdOps.Cmdlets.Logging;

/// <summary>Holds as scripts see them.</summary>
internal static class Holds
{
    public static LogHold ToModel(LogStream stream, HoldEntry hold) => new()
    {
        Server = stream.Server, Source = stream.Source, Reason = hold.Reason, Since = hold.Since, After = hold.After, Before = hold.Before,
    };
}
