using System.Threading.Channels;
using ProdOps.Logging.Receiving.Protocol;
using ProdOps.Logging.Receiving.Storing;

namespace ProdOps.Logging.Receiving.Listening;

/// <summary>Takes messages out of what a connection brings.</summary>
internal interface IMessageReader
{
    /// <summary>Takes all that is whole.</summary>
    /// <param name="data">What has come and was not consumed before.</param>
    /// <param name="isEnd">Whether nothing comes any more.</param>
    /// <param name="consumed">How many bytes are done with.</param>
    /// <returns>False if the connection is to end.</returns>
    bool Take(ReadOnlySpan<byte> data, bool isEnd, out int consumed);

    /// <summary>Waits while it has enough to do.</summary>
    ValueTask WaitAsync();
}

/// <summary>Plain syslog: nobody waits for answers.</summary>
internal sealed class SyslogReader(StreamTable.Cursor cursor) : IMessageReader
{
    private SyslogFramer _framer;

    public bool Take(ReadOnlySpan<byte> data, bool isEnd, out int consumed)
    {
        consumed = 0;
        while (true)
        {
            bool isFrame = _framer.TryRead(data[consumed..], isEnd, out var frame, out int read);
            consumed += read;
            if (!isFrame) return true;
            cursor.Append(frame.Message, frame.IsCut);
        }
    }

    public ValueTask WaitAsync() => default;
}

/// <summary>RELP: each message is answered when it is stored, in the order in which they came.</summary>
/// <param name="cursor">Takes the messages.</param>
/// <param name="stream">Takes the answers.</param>
/// <param name="abort">Ends the connection.</param>
internal sealed class RelpReader(StreamTable.Cursor cursor, Stream stream, Action abort) : IMessageReader
{
    // A sender that reads no answers gets no further.
    private const int MaximumAnswers = 8192;
    private const int BufferSize = 4096;

    private readonly Channel<Answer> _answers = Channel.CreateUnbounded<Answer>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private readonly CancellationTokenSource _hurry = new();
    private RelpFramer _framer;
    private RelpSession _session;
    private TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _due;
    private volatile bool _isOver;

    private enum AnswerKind
    {
        Accepted,
        Stored,
        Closed,
        Refused,
    }

    /// <summary>Whether the sender does not speak RELP.</summary>
    public bool IsInvalid { get; private set; }

    public bool Take(ReadOnlySpan<byte> data, bool isEnd, out int consumed)
    {
        consumed = 0;
        while (!_isOver)
        {
            var reading = _framer.Read(data[consumed..], out var frame, out int read);
            consumed += read;
            if (reading == RelpReading.NeedsMore) return true;
            IsInvalid = reading == RelpReading.Invalid;
            if (IsInvalid) return false;
            switch (_session.Next(frame))
            {
                case RelpStep.Accept:
                    Enqueue(new Answer(frame.Number, AnswerKind.Accepted, null));
                    break;
                case RelpStep.Store:
                    Enqueue(new Answer(frame.Number, AnswerKind.Stored, cursor.Append(frame.Data, frame.IsCut)));
                    break;
                case RelpStep.Close:
                    Enqueue(new Answer(frame.Number, AnswerKind.Closed, null));
                    return false;
                case RelpStep.Refuse:
                    Enqueue(new Answer(frame.Number, AnswerKind.Refused, null));
                    return false;
            }
        }

        return false;
    }

    public async ValueTask WaitAsync()
    {
        while (!_isOver)
        {
            var sent = Volatile.Read(ref _sent).Task;
            if (Volatile.Read(ref _due) < MaximumAnswers) return;
            await sent.ConfigureAwait(false);
        }
    }

    /// <summary>Says that no more messages come.</summary>
    /// <param name="hurry">Whether nobody waits for answers any more.</param>
    public void Complete(bool hurry)
    {
        if (hurry) _hurry.Cancel();
        _answers.Writer.TryComplete();
    }

    /// <summary>Sends the answers until the last one. It never throws.</summary>
    /// <returns>Whether all were sent.</returns>
    public async Task<bool> WriteAsync()
    {
        byte[] buffer = new byte[BufferSize];
        int length = 0;
        try
        {
            await foreach (var answer in _answers.Reader.ReadAllAsync(_hurry.Token).ConfigureAwait(false))
            {
                if (answer.Batch is { Stored.IsCompleted: false } && length > 0) length = await SendAsync(buffer, length).ConfigureAwait(false);
                if (answer.Batch is not null && !await answer.Batch.Stored.WaitAsync(_hurry.Token).ConfigureAwait(false))
                {
                    // No answer: the sender keeps the message, and what it has sent behind it, and comes again.
                    return Abort();
                }

                length += Write(answer, buffer.AsSpan(length));
                Interlocked.Decrement(ref _due);
                bool isLast = !_answers.Reader.TryPeek(out _);
                if (isLast || length > BufferSize - RelpSession.MaximumAnswerLength) length = await SendAsync(buffer, length).ConfigureAwait(false);
            }

            return true;
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException or InvalidOperationException)
        {
            return Abort();
        }
    }

    private static int Write(in Answer answer, Span<byte> buffer) => answer.Kind switch
    {
        AnswerKind.Accepted => RelpSession.WriteAcceptance(answer.Number, buffer),
        AnswerKind.Stored => RelpSession.WriteStored(answer.Number, buffer),
        AnswerKind.Closed => RelpSession.WriteClosed(answer.Number, buffer),
        _ => RelpSession.WriteRefusal(answer.Number, buffer),
    };

    private bool Abort()
    {
        _isOver = true;
        Volatile.Read(ref _sent).TrySetResult();
        // Whoever reads from the connection is to notice.
        abort();
        return false;
    }

    private async Task<int> SendAsync(byte[] buffer, int length)
    {
        await stream.WriteAsync(buffer.AsMemory(0, length), _hurry.Token).ConfigureAwait(false);
        Interlocked.Exchange(ref _sent, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        return 0;
    }

    private void Enqueue(Answer answer)
    {
        Interlocked.Increment(ref _due);
        _answers.Writer.TryWrite(answer);
    }

    private readonly record struct Answer(int Number, AnswerKind Kind, PendingBatch? Batch);
}
