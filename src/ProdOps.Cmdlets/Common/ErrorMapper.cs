using System.Management.Automation;
using ProdOps.Servers.Secrets;

namespace ProdOps.Cmdlets.Common;

/// <summary>Turns the engine's failures into PowerShell's error records, without secrets.</summary>
internal static class ErrorMapper
{
    private const string ReportIt = "This was not expected. Please report it with the text of $Error[0].Exception.ToString().";

    /// <summary>The record of a failure; one that no catalogue knows gets a stable id by its type.</summary>
    public static ErrorRecord ToErrorRecord(Exception exception)
    {
        while (exception is AggregateException { InnerExceptions.Count: 1 } aggregate) exception = aggregate.InnerExceptions[0];
        return Redact(exception switch
        {
            ProdOpsException known => Record(known, known.ErrorId, Category(known.Kind), known.Target, known.Recommendation),
            OperationCanceledException => Record(exception, "OperationCanceled", ErrorCategory.OperationStopped),
            UnauthorizedAccessException => Record(exception, "AccessDenied", ErrorCategory.PermissionDenied),
            TimeoutException => Record(exception, "OperationTimedOut", ErrorCategory.OperationTimeout),
            FileNotFoundException file => Record(exception, "FileNotFound", ErrorCategory.ObjectNotFound, file.FileName),
            DirectoryNotFoundException => Record(exception, "FolderNotFound", ErrorCategory.ObjectNotFound),
            IOException => Record(exception, "InputOutputFailed", ErrorCategory.ResourceUnavailable),
            PlatformNotSupportedException => Record(exception, "NotSupportedHere", ErrorCategory.NotImplemented),
            ArgumentException => Record(exception, "InvalidArgument", ErrorCategory.InvalidArgument),
            IContainsErrorRecord { ErrorRecord: { } record } => record,
            _ => Record(exception, "UnexpectedError", ErrorCategory.NotSpecified, recommendation: ReportIt),
        });
    }

    /// <summary>The record of what failed for one thing, with that thing as its target.</summary>
    public static ErrorRecord ToErrorRecord(Exception exception, object target)
    {
        var record = ToErrorRecord(exception);
        // The id is everything before the comma that PowerShell puts a command's name behind.
        return new ErrorRecord(record.Exception, record.FullyQualifiedErrorId, record.CategoryInfo.Category, target) { ErrorDetails = record.ErrorDetails };
    }

    /// <summary>PowerShell's category of a kind.</summary>
    public static ErrorCategory Category(ErrorKind kind) => kind switch
    {
        ErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        ErrorKind.AlreadyExists => ErrorCategory.ResourceExists,
        ErrorKind.InvalidArgument => ErrorCategory.InvalidArgument,
        ErrorKind.InvalidData => ErrorCategory.InvalidData,
        ErrorKind.InvalidOperation => ErrorCategory.InvalidOperation,
        ErrorKind.Authentication => ErrorCategory.AuthenticationError,
        ErrorKind.PermissionDenied => ErrorCategory.PermissionDenied,
        ErrorKind.ResourceBusy => ErrorCategory.ResourceBusy,
        ErrorKind.ResourceUnavailable => ErrorCategory.ResourceUnavailable,
        ErrorKind.ReadError => ErrorCategory.ReadError,
        ErrorKind.WriteError => ErrorCategory.WriteError,
        ErrorKind.Timeout => ErrorCategory.OperationTimeout,
        ErrorKind.NotSupported => ErrorCategory.NotImplemented,
        _ => ErrorCategory.NotSpecified,
    };

    private static ErrorRecord Record(Exception exception, string id, ErrorCategory category, object? target = null, string? recommendation = null)
    {
        var record = new ErrorRecord(exception, id, category, target);
        if (recommendation is not null) record.ErrorDetails = new ErrorDetails(exception.Message) { RecommendedAction = recommendation };
        return record;
    }

    /// <summary>The record, or where any text of it quotes a secret one that has nothing of the exception but its cleaned message.</summary>
    public static ErrorRecord Redact(ErrorRecord record)
    {
        var redactor = SecretRedactor.Shared;
        if (!redactor.KnowsAny) return record;
        string? target = record.TargetObject as string;
        var details = record.ErrorDetails;
        if (!redactor.Holds(record.Exception.ToString()) && !redactor.Holds(target) && !redactor.Holds(details?.Message) && !redactor.Holds(details?.RecommendedAction)) return record;
        string id = record.FullyQualifiedErrorId.Split(',')[0];
        string message = redactor.Redact(details?.Message ?? record.Exception.Message);
        string? recommendation = details?.RecommendedAction is { } action ? redactor.Redact(action) : null;
        var kind = record.Exception is ProdOpsException known ? known.Kind : ErrorKind.NotSpecified;
        var clean = new ProdOpsException(id, kind, message, recommendation) { Target = target is null ? record.TargetObject : redactor.Redact(target) };
        return Record(clean, id, record.CategoryInfo.Category, clean.Target, recommendation);
    }
}
