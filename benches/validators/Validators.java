// Java's own validator to be measured, in one warm process. Reads lines "FOLDER COUNT", judges all files
// of the folder COUNT times from memory, and answers with the nanoseconds of processor time that it took,
// its garbage collection among them.

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

final class Validators {
    /** Hears every complaint, and lets it go on. */
    private static final class Ear implements ErrorHandler {
        long count;

        @Override
        public void warning(SAXParseException fault) {}

        @Override
        public void error(SAXParseException fault) {
            count++;
        }

        @Override
        public void fatalError(SAXParseException fault) throws SAXParseException {
            throw fault;
        }
    }

    public static void main(String[] arguments) throws Exception {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_DTD, "");
        factory.setProperty(XMLConstants.ACCESS_EXTERNAL_SCHEMA, "file");
        Schema schema = factory.newSchema(new File(arguments[0]));
        Validator validator = schema.newValidator();
        Ear ear = new Ear();
        validator.setErrorHandler(ear);
        OperatingSystemMXBean system =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        BufferedReader wishes = new BufferedReader(new InputStreamReader(System.in));
        for (String wish = wishes.readLine(); wish != null; wish = wishes.readLine()) {
            int space = wish.lastIndexOf(' ');
            List<byte[]> documents = new ArrayList<>();
            for (File file : new File(wish.substring(0, space)).listFiles()) {
                documents.add(Files.readAllBytes(file.toPath()));
            }
            long times = Long.parseLong(wish.substring(space + 1));
            long before = system.getProcessCpuTime();
            for (long time = 0; time < times; time++) {
                for (byte[] document : documents) {
                    try {
                        validator.validate(new StreamSource(new ByteArrayInputStream(document)));
                    } catch (SAXException fault) {
                        ear.count++;
                    }
                }
            }
            System.out.println(system.getProcessCpuTime() - before);
        }
    }
}
