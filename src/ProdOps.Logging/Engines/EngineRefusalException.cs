using System.Net;

namespace ProdOps.Logging.Engines;

/// <summary>An engine understood what was asked of it and will not do it, with its own words for those who can make something of them.</summary>
internal sealed class EngineRefusalException(string errorId, ErrorKind kind, string message, string recommendation, HttpStatusCode status, string answer)
    : ProdOpsException(errorId, kind, message, recommendation)
{
    public HttpStatusCode Status => status;

    /// <summary>The beginning of its answer as it came; not for messages.</summary>
    public string Answer => answer;
}
