using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using System.Text.RegularExpressions;

namespace ProdOps.Cmdlets.Tests.Monitoring;

/// <summary>A host with a screen of characters, as somebody at a terminal sees it. Escape sequences are kept apart; what else moves the cursor is carried out.</summary>
internal sealed partial class TerminalHost(int width, int height, bool hasCursor = true) : PSHost
{
    private readonly Surface _surface = new(width, height, hasCursor);

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;

    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;

    public override Guid InstanceId { get; } = Guid.NewGuid();

    public override string Name => "Terminal";

    public override PSHostUserInterface UI => _surface;

    public override Version Version { get; } = new(1, 0);

    /// <summary>The lines of the screen, without blanks at their ends.</summary>
    public string[] Lines => _surface.Lines;

    /// <summary>All escape sequences so far.</summary>
    public string[] Escapes => _surface.Escapes;

    public Coordinates Cursor => _surface.RawUI.CursorPosition;

    public void Resize(int width, int height) => _surface.Resize(width, height);

    public override void EnterNestedPrompt() => throw new NotSupportedException();

    public override void ExitNestedPrompt()
    {
    }

    public override void NotifyBeginApplication()
    {
    }

    public override void NotifyEndApplication()
    {
    }

    public override void SetShouldExit(int exitCode)
    {
    }

    [GeneratedRegex(@"\G\x1b\[[?0-9;]*[A-Za-z]")]
    private static partial Regex Escape();

    private sealed class Surface : PSHostUserInterface
    {
        private readonly Lock _lock = new();
        private readonly List<string> _escapes = [];
        private readonly Raw _raw;
        private char[][] _cells;
        private int _x, _y;

        public Surface(int width, int height, bool hasCursor)
        {
            _cells = Blank(width, height);
            _raw = new Raw(this, hasCursor);
        }

        public override PSHostRawUserInterface RawUI => _raw;

        public override bool SupportsVirtualTerminal => true;

        public string[] Lines
        {
            get
            {
                lock (_lock) return [.. _cells.Select(line => new string(line).TrimEnd())];
            }
        }

        public string[] Escapes
        {
            get
            {
                lock (_lock) return [.. _escapes];
            }
        }

        public void Resize(int width, int height)
        {
            lock (_lock)
            {
                // As terminals do: what was there stays somewhere.
                var old = _cells;
                _cells = Blank(width, height);
                for (int i = 0; i < Math.Min(height, old.Length); i++) Array.Copy(old[i], _cells[i], Math.Min(width, old[i].Length));
                (_x, _y) = (Math.Min(_x, width - 1), Math.Min(_y, height - 1));
            }
        }

        public override void Write(string value)
        {
            lock (_lock)
            {
                for (int at = 0; at < value.Length; at++)
                {
                    char c = value[at];
                    if (c == '\r') _x = 0;
                    else if (c == '\n') Feed();
                    else if (c == '\u001b')
                    {
                        var match = Escape().Match(value, at);
                        if (!match.Success) throw new InvalidOperationException("An escape sequence that is none was written.");
                        _escapes.Add(match.Value);
                        at += match.Length - 1;
                    }
                    else if (char.IsControl(c)) throw new InvalidOperationException($"A control character was written: {(int)c:X2}.");
                    else
                    {
                        if (_x == _cells[0].Length)
                        {
                            _x = 0;
                            Feed();
                        }

                        _cells[_y][_x++] = c;
                    }
                }
            }
        }

        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);

        public override void WriteLine(string value) => Write(value + "\r\n");

        public override void WriteErrorLine(string value) => WriteLine(value);

        public override void WriteDebugLine(string message) => WriteLine(message);

        public override void WriteProgress(long sourceId, ProgressRecord record)
        {
        }

        public override void WriteVerboseLine(string message) => WriteLine(message);

        public override void WriteWarningLine(string message) => WriteLine(message);

        public override string ReadLine() => throw new NotSupportedException();

        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();

        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) => throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotSupportedException();

        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) => throw new NotSupportedException();

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => throw new NotSupportedException();

        private static char[][] Blank(int width, int height) => [.. Enumerable.Range(0, height).Select(_ => new string(' ', width).ToCharArray())];

        private void Feed()
        {
            if (++_y < _cells.Length) return;
            _y = _cells.Length - 1;
            for (int i = 0; i < _y; i++) _cells[i] = _cells[i + 1];
            _cells[_y] = new string(' ', _cells[0].Length).ToCharArray();
        }

        private sealed class Raw(Surface surface, bool hasCursor) : PSHostRawUserInterface
        {
            public override ConsoleColor BackgroundColor { get; set; }

            public override ConsoleColor ForegroundColor { get; set; }

            public override Size BufferSize { get => WindowSize; set { } }

            public override Coordinates CursorPosition
            {
                get
                {
                    if (!hasCursor) throw new HostException("There is no cursor.");
                    lock (surface._lock) return new Coordinates(surface._x, surface._y);
                }

                set
                {
                    if (!hasCursor) throw new HostException("There is no cursor.");
                    lock (surface._lock) (surface._x, surface._y) = (value.X, value.Y);
                }
            }

            public override int CursorSize { get; set; } = 25;

            public override bool KeyAvailable => false;

            public override Size MaxPhysicalWindowSize => WindowSize;

            public override Size MaxWindowSize => WindowSize;

            public override Coordinates WindowPosition { get; set; }

            public override Size WindowSize
            {
                get
                {
                    lock (surface._lock) return new Size(surface._cells[0].Length, surface._cells.Length);
                }

                set { }
            }

            public override string WindowTitle { get; set; } = "";

            public override void FlushInputBuffer()
            {
            }

            public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

            public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();

            public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
            {
            }

            public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
            {
            }

            public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
            {
                lock (surface._lock) surface._cells = Blank(surface._cells[0].Length, surface._cells.Length);
            }
        }
    }
}
