using System.Net;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>One place where a receiver listens.</summary>
internal interface ILogListener : IDisposable
{
    LogReceiverProtocol Protocol { get; }

    IPEndPoint Endpoint { get; }

    ListenerCounters Counters { get; }

    /// <summary>How many datagrams the system has dropped, as far as it tells.</summary>
    long DroppedByKernel { get; }

    /// <summary>Takes what comes until it is told to stop. What has come by then is handed on before it returns. It never throws.</summary>
    Task RunAsync(CancellationToken stop);

    /// <summary>Ends when the connections have.</summary>
    Task ConnectionsEnded { get; }
}
